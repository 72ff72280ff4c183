import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { action, ActionTable, ServiceError } from '../service';

/** A message somebody published; kept until the engine stops. */
export interface Published {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject?: string | undefined;
  readonly message: string;
}

const Publish = z.object({ TopicArn: z.string(), Message: z.string(), Subject: z.optional(z.string()) });

/** SNS topics without subscribers: published messages are kept in a list. */
export class Sns extends ActionTable {
  readonly name = 'sns';
  protected readonly actions = { Publish: action(Publish, (input) => this.#publish(input)) };
  readonly published: Published[] = [];
  readonly #topics = new Set<string>();

  /** Makes a topic known. */
  ensureTopic(topicArn: string): void {
    this.#topics.add(topicArn);
  }

  #publish({ TopicArn: topicArn, Message: message, Subject: subject }: z.infer<typeof Publish>) {
    if (!this.#topics.has(topicArn)) throw new ServiceError('NotFound', 'Topic does not exist', 404);
    const messageId = randomUUID();
    this.published.push({ messageId, topicArn, message, subject });
    return { MessageId: messageId };
  }
}

import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { action, ActionTable, ServiceError } from '../service';

/** A message somebody published; kept until the engine stops. */
export type Published = z.infer<typeof Publish> & { readonly MessageId: string };

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

  #publish(input: z.infer<typeof Publish>) {
    if (!this.#topics.has(input.TopicArn)) throw new ServiceError('NotFound', 'Topic does not exist', 404);
    const MessageId = randomUUID();
    this.published.push({ ...input, MessageId });
    return { MessageId };
  }
}

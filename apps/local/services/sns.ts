import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { unsupported } from '../dispatch';
import { ServiceError, type Service } from '../service';

/** A message somebody published; kept until the engine stops. */
export interface Published {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
}

const Publish = z.object({ TopicArn: z.string(), Message: z.string(), Subject: z.optional(z.string()) });

/** SNS topics without subscribers: published messages are kept in a list. */
export class Sns implements Service {
  readonly name = 'sns';
  readonly published: Published[] = [];
  readonly #topics = new Set<string>();

  /** Makes a topic known. */
  ensureTopic(topicArn: string): void {
    this.#topics.add(topicArn);
  }

  async handle(action: string, input: Record<string, unknown>): Promise<unknown> {
    if (action !== 'Publish') throw unsupported(this.name, action);
    const { TopicArn: topicArn, Message: message, Subject: subject } = Publish.parse(input);
    if (!this.#topics.has(topicArn)) throw new ServiceError('NotFound', 'Topic does not exist', 404);
    const messageId = randomUUID();
    this.published.push({ messageId, topicArn, message, ...(subject === undefined ? {} : { subject }) });
    return { MessageId: messageId };
  }
}

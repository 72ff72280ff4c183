import * as z from 'zod/mini';
import type { Obligation } from '../../../../core/ports/registry';
import type { Item } from '../../dynamodb/attributes';

const text = z.string();
const obligationItem = z.object({
  identityId: text,
  versionId: text,
  remoteId: text,
  type: z.enum(['refusal', 'removal', 'review']),
  by: z.enum(['rotation', 'revocation']),
  runId: text,
  openedAt: text,
  deadline: z.optional(text),
  nextAttemptAt: text,
  attempts: z.int(),
  why: text,
  refusedIn: z.exactOptional(text),
});

/** A stored obligation. */
export function obligationRow(item: Item): Obligation {
  return { deadline: undefined, ...obligationItem.parse(item) };
}

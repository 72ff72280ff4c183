import * as z from 'zod/mini';
import type { Obligation } from '../../../../core/ports/registry';
import type { Item } from '../../dynamodb/attributes';

const obligationItem = z.object({
  identityId: z.string(),
  versionId: z.string(),
  remoteId: z.string(),
  type: z.enum(['refusal', 'removal', 'review']),
  by: z.enum(['rotation', 'revocation']),
  runId: z.string(),
  openedAt: z.string(),
  deadline: z.optional(z.string()),
  nextAttemptAt: z.string(),
  attempts: z.int(),
  why: z.string(),
  refusedIn: z.exactOptional(z.string()),
});

/** A stored obligation. */
export function obligationRow(item: Item): Obligation {
  return { deadline: undefined, ...obligationItem.parse(item) };
}

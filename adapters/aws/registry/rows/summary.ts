import * as z from 'zod/mini';
import { level } from '../../../../core/evidence/fields';
import { runKind } from '../../../../core/evidence/run-kinds';
import type { RunSummary } from '../../../../core/ports/registry';
import { summaryOutcomes } from '../../../../core/registry/summary-order';
import type { Item } from '../../dynamodb/attributes';

const summaryItem = z.object({
  runId: z.string(),
  kind: runKind,
  identityId: z.string(),
  owner: z.string(),
  // Rows of before runs were found by these do not have them.
  actor: z._default(z.string(), ''),
  controls: z._default(z.array(z.string()), []),
  glass: z.optional(z.literal('broken')),
  about: z.optional(z.string()),
  openedAt: z.string(),
  closedAt: z.optional(z.string()),
  outcome: z.enum(summaryOutcomes),
  level: z.optional(level),
  cause: z.optional(z.string()),
  evidence: z.exactOptional(z.enum(['waiting', 'arrived'])),
});

const unset = { glass: undefined, about: undefined, closedAt: undefined, level: undefined, cause: undefined };

/** A stored run summary. */
export function summaryRow(item: Item): RunSummary {
  return { ...unset, ...summaryItem.parse(item) };
}

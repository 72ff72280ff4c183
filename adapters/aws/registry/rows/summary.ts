import * as z from 'zod/mini';
import { level } from '../../../../core/evidence/fields';
import { runKind } from '../../../../core/evidence/run-kinds';
import type { RunSummary } from '../../../../core/ports/registry';
import { summaryOutcomes } from '../../../../core/registry/summary-order';
import type { Item } from '../../dynamodb/attributes';

const text = z.string();
const optionalText = z.optional(text);
const summaryItem = z.object({
  runId: text,
  kind: runKind,
  identityId: text,
  owner: text,
  // Rows of before runs were found by these do not have them.
  actor: z._default(text, ''),
  controls: z._default(z.array(text), []),
  glass: z.optional(z.literal('broken')),
  about: optionalText,
  openedAt: text,
  closedAt: optionalText,
  outcome: z.enum(summaryOutcomes),
  level: z.optional(level),
  cause: optionalText,
  evidence: z.exactOptional(z.enum(['waiting', 'arrived'])),
});

const unset = { glass: undefined, about: undefined, closedAt: undefined, level: undefined, cause: undefined };

/** A stored run summary. */
export function summaryRow(item: Item): RunSummary {
  return { ...unset, ...summaryItem.parse(item) };
}

import * as z from 'zod/mini';
import type { SealedRun } from '../../../../core/ports/ledger-index';
import type { Item } from '../../dynamodb/attributes';

const head = z.object({ seq: z.int(), prev: z.string() });
const sealedItem = z.object({
  runId: z.string(),
  run: head,
  proof: head,
  closed: z.enum(['yes', 'no']),
  ranges: z.array(z.object({ chain: z.enum(['RUN', 'PROOF']), seq: z.int(), leaf: z.int(), count: z.int() })),
});

/** How far a run is sealed, as stored. */
export function sealedRow(item: Item): SealedRun {
  return sealedItem.parse(item);
}

import * as z from 'zod/mini';
import type { SealedRun } from '../../../../core/ports/ledger-index';
import type { Item } from '../../dynamodb/attributes';

const text = z.string();
const whole = z.int();
const head = z.object({ seq: whole, prev: text });
const sealedItem = z.object({
  runId: text,
  run: head,
  proof: head,
  closed: z.enum(['yes', 'no']),
  ranges: z.array(z.object({ chain: z.enum(['RUN', 'PROOF']), seq: whole, leaf: whole, count: whole })),
});

/** How far a run is sealed, as stored. */
export function sealedRow(item: Item): SealedRun {
  return sealedItem.parse(item);
}

import * as z from 'zod/mini';
import { runKind } from '../../../../core/evidence/run-kinds';
import type { Marker } from '../../../../core/ports/ledger-index';
import type { Item } from '../../dynamodb/attributes';

const text = z.string();
const markerItem = z.object({
  runId: text,
  identityId: text,
  kind: runKind,
  executionArn: text,
  openedAt: text,
  adoptions: z.int(),
  /** Only the marker of a closed run has one. */
  state: z._default(z.enum(['open', 'closed']), 'open'),
});

/** A stored marker of a run. */
export function markerRow(item: Item): Marker {
  return markerItem.parse(item);
}

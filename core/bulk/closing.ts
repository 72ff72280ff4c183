import type { Census, Outcome, Selection } from '../evidence/record';
import { isGreen } from './census';

/** How a bulk run ended: `verified` only when everybody who was asked for is counted as proven dead. */
export function bulkOutcome(
  opened: { readonly selection?: Pick<Selection, 'count'> },
  census: Census | undefined,
  cause: { readonly code: string; readonly category: string } | undefined,
): Outcome {
  if (!census) {
    if (cause?.code === 'NotApproved') return 'not-approved';
    return cause?.category === 'refused' ? 'refused' : 'aborted';
  }
  const whole = partitions(census) && census.asked === opened.selection?.count;
  if (whole && isGreen(census)) return 'verified';
  return census.unknown > 0 || !whole ? 'inconclusive' : 'revoke-pending';
}

function partitions({ asked, done, failed, skipped, unknown }: Census): boolean {
  return done + failed + skipped + unknown === asked;
}

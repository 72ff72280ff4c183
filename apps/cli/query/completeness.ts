import type { RunQuery } from '../../../core/ports/registry';
import type { Census } from '../../../core/query/answers';
import { wholeCensus } from '../../../core/query/whole-census';
import type { Questions } from './questions';

/**
 * How much of everything meant an answer holds: `complete` is an answer to the end whose census matches; `page` ends
 * before the end, and is not counted.
 */
export type Completeness =
  { readonly state: 'page'; readonly next: string } | { readonly state: 'whole'; readonly census: Census };

/** Counts an answer that goes to the end; of one that begins in the middle, everything that is meant is counted. */
export async function completenessOf(
  questions: Pick<Questions, 'census' | 'later'>,
  { after: _after, limit: _limit, ...filter }: RunQuery,
  next: string | null,
): Promise<Completeness> {
  if (next !== null) return { state: 'page', next };
  return { state: 'whole', census: await wholeCensus(questions, filter) };
}

/** The same for a document. */
export function completenessDocument(completeness: Completeness): object {
  if (completeness.state === 'page') return { next: completeness.next, complete: false, census: null };
  const { census } = completeness;
  return { next: null, complete: census.state === 'matches', census };
}

/** The same as a sentence. */
export function completenessText(completeness: Completeness): string {
  if (completeness.state === 'page')
    return `There may be more, so this is not counted against the ledger. Go on with: --after ${completeness.next}`;
  const { census } = completeness;
  switch (census.state) {
    case 'matches':
      return `Complete: ${census.ledger} in the ledger${notSealedText(census)}, ${census.index} in the index.`;
    case 'differs':
      return `NOT complete: ${census.index} in the index, of which ${census.ledger} hold; ${census.wrong.length} of index or ledger do not (above). Nothing was changed. Compare with a bundle: npx gapless evidence verify`;
    case 'not taken':
      return `Not counted against the ledger: ${census.why}. It may be complete, and is not known to be.`;
    default:
      return census satisfies never;
  }
}

function notSealedText({ unsealed, waiting = 0 }: Extract<Census, { readonly index: number }>): string {
  const said = [
    ...(unsealed > 0 ? [`UNSEALED ${unsealed}`] : []),
    ...(waiting > 0 ? [`EVIDENCE_DEGRADED ${waiting}`] : []),
  ];
  return said.length > 0 ? ` (${said.join(', ')})` : '';
}

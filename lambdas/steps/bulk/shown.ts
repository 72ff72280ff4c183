import { verifyStoredRun } from '../../../core/evidence/verify';
import type { RecordOf } from '../../../core/evidence/record';
import type { Level } from '../../../core/verdict/level';
import type { Deps } from '../deps';
import { newest } from '../heads';

/** A run that is said to have seen an identity dead. */
export interface Claim {
  readonly runId: string;
  readonly identityId: string;
  /** A revocation itself, or a run that paid all that one left: then which one. */
  readonly as: 'revocation' | { readonly paying: string };
}

/** What the records of a run show of a claim. */
export type Shown =
  { readonly state: 'shown'; readonly level: Level } | { readonly state: 'not shown'; readonly why: string };

/**
 * Looks a claim up in the evidence: both chains of the run hold, it is the run of that identity and kind, and its last
 * record says `verified`, which the proofs support. More roles may write rows of the registry than records, and a row is
 * written over; nobody is counted as dead by a row alone.
 */
export async function shownBy({ evidence }: Pick<Deps, 'evidence'>, claim: Claim): Promise<Shown> {
  const check = await verifyStoredRun(evidence, claim.runId);
  if (check.state === 'broken') {
    const { chain, seq, expected, found } = check.first;
    return missing(`${chain}#${seq} is ${found}, not ${expected}`);
  }
  const opened = newest(check.run, 'RunOpened');
  const closed = newest(check.run, 'RunClosed');
  if (!opened) return missing('it has no record');
  if (!isOf(opened, claim)) return missing(`it is a ${opened.kind} of ${opened.identity.id}`);
  if (!closed) return missing('it is not closed');
  return closed.outcome === 'verified'
    ? { state: 'shown', level: closed.level }
    : missing(`it ended ${closed.outcome}`);
}

function isOf({ kind, identity, trigger }: RecordOf<'RunOpened'>, { identityId, as }: Claim): boolean {
  if (identity.id !== identityId) return false;
  return as === 'revocation'
    ? kind === 'revocation'
    : kind === 'settle' && trigger === `revocation ${as.paying}`;
}

function missing(why: string): Shown {
  return { state: 'not shown', why };
}

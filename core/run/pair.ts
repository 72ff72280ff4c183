import type { SessionScope } from '../connector';
import type { CredentialVersion } from '../credential';
import type { RunState } from './state';

/**
 * The two versions a run is about: `good` has to work, `bad` has to be refused. A rotation wants the candidate and
 * kills what it superseded; undoing it wants the superseded one back and kills the candidate.
 */
export interface Pair {
  readonly good: string;
  readonly bad: string;
}

/** Undefined while the run has no candidate yet. */
export function pairOf(run: Pick<RunState, 'candidate' | 'superseded' | 'direction'>): Pair | undefined {
  if (run.candidate === null || run.superseded === null) return undefined;
  return run.direction === 'undo'
    ? { good: run.superseded, bad: run.candidate }
    : { good: run.candidate, bad: run.superseded };
}

/**
 * Whether both versions are the same principal at the target, told apart by their material alone. Then the principal
 * must live on: the bad version died when the good one was applied, and its sessions are the older ones.
 */
export function samePrincipal(good: CredentialVersion, bad: CredentialVersion): boolean {
  return good.remoteId === bad.remoteId;
}

/** Sessions of the bad version: all of its principal's, or those of a span of the target's clock where it is shared. */
export function sessionsOf(
  run: Pick<RunState, 'cut' | 'cutFrom'>,
  good: CredentialVersion,
  bad: CredentialVersion,
): SessionScope {
  if (!samePrincipal(good, bad)) return {};
  return {
    ...(run.cut !== null && { startedAtOrBefore: run.cut }),
    ...(run.cutFrom !== null && { startedAfter: run.cutFrom }),
  };
}

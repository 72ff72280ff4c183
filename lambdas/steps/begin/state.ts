import { GENESIS } from '../../../core/evidence/chain';
import { Failure } from '../../../core/failure';
import type { IdentityRow, Leases, RunRegistry } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import type { Deps, Using } from '../deps';

/** What every way of beginning asks for. */
export type Ports = Pick<Deps, 'evidence' | 'spill' | 'policies' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Leases>;

/** Who acts in a run of kind settle. */
export const SETTLE = { type: 'settle', id: 'settle', assurance: 'verified' } as const;

/** The state of a settling run before its first record. */
export function blankState(row: IdentityRow, runId: string, requestedAt: string, fence: number): RunState {
  return {
    runId,
    kind: 'settle',
    identityId: row.id,
    route: `${row.kind}/${row.network}`,
    network: row.network,
    fence,
    seq: 0,
    prev: GENESIS.prev,
    proofSeq: 0,
    proofPrev: GENESIS.prev,
    approval: 'never',
    overlapSeconds: 0,
    requestedAt,
    actor: SETTLE,
    about: null,
    candidate: null,
    superseded: null,
    cut: null,
    cutFrom: null,
    confirmedAt: null,
    direction: null,
    // A worker of a run that was preempted, by whomever, is waited for as it was then.
    notBefore: row.actingUntil ?? null,
    round: 1,
    reissue: null,
  };
}

/** Nothing to do any more, or not now. */
export function over(what: string): Failure {
  return new Failure('LeaseHeld', `${what} Nothing was changed and nothing needs to be done.`, 'none');
}

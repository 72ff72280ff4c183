import { MANY } from '../../../core/bulk/many';
import type { BulkPlan } from '../../../core/bulk/plan';
import { GENESIS } from '../../../core/evidence/chain';
import type { Census } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { RunState } from '../../../core/run/state';
import type { Fleet, Identities, Markers, Owed, RunIndex, Summaries } from '../../../core/ports/registry';
import type { StartRequests } from '../../../core/ports/approvals';
import type { Deps, Using } from '../deps';

/** What the steps of a bulk revocation ask for. */
export type BulkPorts = Pick<
  Deps,
  'evidence' | 'policies' | 'lists' | 'bulk' | 'notices' | 'now' | 'ledgerId' | 'code'
> &
  Using<Identities & Fleet & Owed & Markers & Summaries & RunIndex & StartRequests>;

/** What OpenBulk hands on: the run and the list that the Distributed Map reads, or a plan and no run. */
export type BulkOpened =
  | {
      readonly does: 'revoke';
      readonly run: RunState;
      readonly list: { readonly key: string; readonly sha256: string };
      readonly count: number;
      readonly atOnce: number;
    }
  | { readonly does: 'dryRun'; readonly run: null; readonly plan: BulkPlan };

/** What CloseBulk found: still going on, or closed with everybody counted. */
export type BulkClosed =
  | {
      readonly state: 'open';
      readonly open: number;
      readonly unstarted: number;
      /** Until the next count. */
      readonly waitSeconds: number;
    }
  | {
      readonly state: 'verified' | 'incomplete';
      readonly census: Census;
      /** Sentence for the console. */
      readonly cause: string;
    };

/** The state of a bulk run before its first record. It has no identity, no target and no lease. */
export function blankBulk(
  runId: string,
  requestedAt: string,
  actor: RunState['actor'],
  approval: RunState['approval'],
): RunState {
  return {
    runId,
    kind: 'bulk',
    identityId: MANY,
    route: '',
    network: '',
    fence: 0,
    seq: 0,
    prev: GENESIS.prev,
    proofSeq: 0,
    proofPrev: GENESIS.prev,
    approval,
    overlapSeconds: 0,
    requestedAt,
    actor,
    about: null,
    candidate: null,
    superseded: null,
    cut: null,
    cutFrom: null,
    confirmedAt: null,
    direction: null,
    notBefore: null,
    round: 1,
    reissue: null,
  };
}

/** A run to count or to take over whose first record names no list of everybody asked. */
export function nothingAsked(runId: string): Failure {
  const message = `Run ${runId} is no bulk run that was opened. Nothing was changed. Start a bulk revocation with a selection.`;
  return new Failure('InvalidInput', message, 'none');
}

import type { Approvals, Decisions, StartRequests } from '../../core/ports/approvals';
import type {
  Claims,
  Enrolments,
  Fenced,
  Identities,
  Leases,
  Obligations,
  RunRegistry,
} from '../../core/ports/registry';
import type { VaultLabels, VaultMoves } from '../../core/ports/vault';
import type { RunState } from '../../core/run/state';
import type { Steps } from '../runtime/serve';
import { readDecision } from './approve/read-decision';
import { requestApproval } from './approve/request';
import { closeBulk } from './bulk/close';
import { openBulk } from './bulk/open';
import type { BulkPorts } from './bulk/state';
import { begin } from './begin/run';
import { closeOwn } from './close/own';
import { close } from './close/run';
import type { Deps, MutatorDeps, ProberDeps, Using } from './deps';
import { asKind, inEmergency } from './emergency';
import { contain } from './contain/run';
import { distribute } from './distribute/run';
import { mint } from './mint/run';
import { openRevocation } from './open/revocation';
import { open } from './open/run';
import { promote, promoteBack } from './promote/run';
import { confirmNew, proveNew } from './prove/accepted';
import { proveRefused } from './prove/refused';
import { proveRevoked } from './prove/revoked';
import { reassert, reinstate } from './reinstate/run';
import { removeRevoked } from './remove/revoked';
import { remove } from './remove/run';
import { retire } from './retire/run';
import { dueList } from './sweep/due-list';
import { enrol } from './sweep/enrol';
import { undo } from './undo/run';

// Which function serves which steps. Each function imports one of these; bundlers drop the others.

/** Whether a run contains everything an identity has, rather than one version beside another that stays. */
function revokes({ kind, direction }: RunState): boolean {
  return kind === 'revocation' || direction === 'contain';
}

type Base = Pick<Deps, 'evidence' | 'policies' | 'now' | 'timeoutMs' | 'ledgerId' | 'code'>;
type Telling = Base & Pick<Deps, 'notices'>;

export const openSteps: Steps<
  Telling & Pick<Deps, 'lists' | 'spill'> & Using<RunRegistry & Leases & StartRequests>
> = {
  Open: (deps, { execution, machine, input }) =>
    machine === 'revocation'
      ? openRevocation(inEmergency(deps), execution, input)
      : open(deps, execution, input),
  Begin: (deps, { execution, input }) => begin(deps, execution, input),
};

export const bulkSteps: Steps<BulkPorts> = {
  OpenBulk: (deps, { execution, input }) => openBulk(deps, execution, input),
  CloseBulk: (deps, { run, round }) => closeBulk(deps, run(), round),
};

export const approvalSteps: Steps<Telling & Using<RunRegistry & Approvals & StartRequests>> = {
  Approve: (deps, { execution, run, token }) => requestApproval(deps, execution, run(), token),
  Approved: (deps, { run }) => readDecision(deps, run()),
};

export const promoteSteps: Steps<
  Base & Using<Claims & Fenced & Obligations> & { readonly vault: VaultLabels & VaultMoves }
> = {
  Promote: (deps, { run }) => promote(deps, run()),
  PromoteBack: (deps, { run }) => promoteBack(deps, run()),
};

export const closeSteps: Steps<Telling & Pick<Deps, 'spill'> & Using<RunRegistry & Decisions>> = {
  Close: (deps, { run, reissueFailure }) => close(deps, run(), reissueFailure),
  CloseFailed: (deps, { execution, runId, failure }) => closeOwn(deps, execution, runId, failure),
};

export const sweepSteps: Steps<
  Base & Pick<Deps, 'archive' | 'lists'> & Using<Enrolments & Identities> & { readonly vault: VaultLabels }
> = {
  Enrol: (deps) => enrol(deps),
  DueList: (deps, { execution }) => dueList(deps, execution),
};

export const consumersSteps: Steps<Base & Pick<Deps, 'consumers'> & Using<Claims>> = {
  Distribute: (deps, { run }) => distribute(deps, run(), 'Distribute'),
  DistributeBack: (deps, { run }) => distribute(deps, run(), 'DistributeBack'),
};

/** Changes targets. It cannot write a proof: its role has no right to PROOF chains. */
export const mutatorSteps: Steps<MutatorDeps> = {
  Mint: (deps, { run }) => mint(deps, run()),
  Contain: (deps, { execution, run }) => contain(asKind(deps, run().kind), execution, run()),
  Retire: (deps, { run }) => retire(deps, run()),
  Remove: (deps, { execution, run }) =>
    revokes(run()) ? removeRevoked(asKind(deps, run().kind), execution, run()) : remove(deps, run()),
  Reinstate: (deps, { run }) => reinstate(deps, run()),
  Reassert: (deps, { run }) => reassert(deps, run()),
  Undo: (deps, { run }) => undo(deps, run()),
};

/** Presents credentials. It changes nothing at a target and writes only proofs. */
export const proberSteps: Steps<ProberDeps> = {
  ProveNew: (deps, { run }) => proveNew(deps, run()),
  ConfirmNew: (deps, { run }) => confirmNew(deps, run()),
  ProveRefused: (deps, { run }) => proveRevoked(asKind(deps, run().kind), run()),
  ProveOld: (deps, { run }) => proveRefused(deps, run(), 'ProveOld'),
  ProveRestored: (deps, { run }) => proveRefused(deps, run(), 'ProveRestored'),
};

import type { Principal, Requester } from '../approval/principal';

/** What an approval is about. */
export type ApprovalKind = 'rotation' | 'revocation' | 'bulk';

export type DecisionVerdict = 'approved' | 'denied' | 'expired';

/** The one decision of an approval. It is written once and never changes. */
export interface Decision {
  readonly verdict: DecisionVerdict;
  /** Undefined when time ran out. */
  readonly approver: Principal | undefined;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Hash of the request that the approver named. */
  readonly requestSha256: string;
  readonly reason: string | undefined;
}

/** A request that waits for, or has, a decision. */
export interface Approval {
  /** Also the id of the run of kind `approval` that records it. */
  readonly approvalId: string;
  /** The run that waits. */
  readonly runId: string;
  readonly identityId: string;
  readonly kind: ApprovalKind;
  /** Canonical JSON that the decision is about. */
  readonly request: string;
  readonly requestSha256: string;
  readonly requester: Requester;
  /** Ends the wait of the run's execution. It stays on the server: no answer, record or log holds it. */
  readonly taskToken: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decision: Decision | undefined;
}

/** Who started an execution through the API, stored before the execution was started. */
export interface StartRequest {
  readonly executionName: string;
  /** The machine that was to be started: another machine's execution of that name is not this request. */
  readonly kind: ApprovalKind;
  readonly principal: Principal;
  /** SHA-256 of the canonical input, hex; an execution with another input is not the one that was asked for. */
  readonly inputSha256: string;
  readonly requestedAt: string;
  /** `asked`: the second person was left out on purpose; a review is owed. */
  readonly breakGlass: 'asked' | 'no';
}

/** Ending an approval, by whoever decides or closes. Failures: StoreUnavailable. */
export interface Decisions {
  /** Strongly consistent read. */
  approval(approvalId: string): Promise<Approval | undefined>;
  /** Writes the decision if there is none yet; `taken` when there is one, or no such approval. */
  decideApproval(approvalId: string, decision: Decision): Promise<'decided' | 'taken'>;
}

/** Approvals. Failures: StoreUnavailable. */
export interface Approvals extends Decisions {
  /** Create-only. `exists`: an approval of that id is there and was left as it is. */
  putApproval(approval: Approval): Promise<'stored' | 'exists'>;
  /** Approvals without a decision, the first to expire first. */
  pendingApprovals(limit: number): Promise<readonly Approval[]>;
  /** Points an undecided approval at the wait that replaces its first one; a decided one is left alone. */
  renewTaskToken(approvalId: string, taskToken: string): Promise<void>;
}

/** Verified requests. Failures: StoreUnavailable. */
export interface StartRequests {
  /** Create-only. `exists`: a request of that name is there and was left as it is. */
  putStartRequest(request: StartRequest): Promise<'stored' | 'exists'>;
  startRequest(executionName: string): Promise<StartRequest | undefined>;
}

/**
 * What went wrong, under a name that state machines match on.
 *
 * `category` decides the way out of a run:
 * - `refused`: found before anything was changed; the run closes as `refused`.
 * - `busy`: another worker may still be acting for the same step; wait and repeat.
 * - `fenced`: a newer holder owns the identity; stop without touching anything.
 * - `transient`: the far side did not answer or asked us to slow down; repeat.
 * - `verdict`: the live system was asked and the answer is not the one that proves the stage.
 * - `permanent`: repeating the same call cannot help.
 */
export type FailureCategory = 'refused' | 'busy' | 'fenced' | 'transient' | 'verdict' | 'permanent';

const categories = {
  InvalidInput: 'refused',
  UnknownIdentity: 'refused',
  PolicyGap: 'refused',
  LeaseHeld: 'refused',
  SlotServed: 'refused',
  IdentityRevoked: 'refused',
  NothingToRevoke: 'refused',
  ObligationOpen: 'refused',
  SecretMissing: 'refused',
  PendingConflict: 'refused',
  AdminSecretMissing: 'refused',
  AdminRightsMissing: 'refused',
  ControlMissing: 'refused',
  PrincipalMissing: 'refused',
  QuotaReached: 'refused',
  NotApproved: 'refused',
  ApprovalUnknown: 'refused',
  AlreadyDecided: 'refused',
  ApprovalExpired: 'refused',
  RequestEdited: 'refused',
  SelfApproval: 'refused',
  RoleNotDisjoint: 'refused',
  RequesterUnverified: 'refused',
  PrincipalRefused: 'refused',
  MethodRefused: 'refused',
  StepBusy: 'busy',
  FenceLost: 'fenced',
  TargetUnreachable: 'transient',
  TargetThrottled: 'transient',
  StoreUnavailable: 'transient',
  TargetRejected: 'permanent',
  NewNotAccepted: 'verdict',
  OldStillAccepted: 'verdict',
  SessionsRemain: 'verdict',
  ConsumersBehind: 'verdict',
  Inconclusive: 'verdict',
  ConfirmationStale: 'verdict',
  LabelsMoved: 'verdict',
  ObligationWithdrawn: 'verdict',
  BulkIncomplete: 'verdict',
  EvidenceConflict: 'permanent',
  Internal: 'permanent',
} as const satisfies Record<string, FailureCategory>;

export type FailureCode = keyof typeof categories;

/** Every code of one category, in the order they are declared. */
export function codesOf(category: FailureCategory): readonly FailureCode[] {
  return failureCodes.filter((code) => categories[code] === category);
}

export const failureCodes: readonly FailureCode[] = Object.keys(categories).filter((name) =>
  isFailureCode(name),
);

function isFailureCode(name: string): name is FailureCode {
  return Object.hasOwn(categories, name);
}

/** The category of a code, or of an error name as a state machine reports it; undefined for names that are not ours. */
export function categoryOf(name: FailureCode): FailureCategory;
export function categoryOf(name: string): FailureCategory | undefined;
export function categoryOf(name: string): FailureCategory | undefined {
  return isFailureCode(name) ? categories[name] : undefined;
}

const failureCategories = ['refused', 'busy', 'fenced', 'transient', 'verdict', 'permanent'] as const;

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
export type FailureCategory = (typeof failureCategories)[number];

const codes = {
  refused: [
    'InvalidInput',
    'UnknownIdentity',
    'PolicyGap',
    'LeaseHeld',
    'SlotServed',
    'IdentityRevoked',
    'NothingToRevoke',
    'ObligationOpen',
    'SecretMissing',
    'PendingConflict',
    'AdminSecretMissing',
    'AdminRightsMissing',
    'ControlMissing',
    'PrincipalMissing',
    'QuotaReached',
    'NotApproved',
    'ApprovalUnknown',
    'AlreadyDecided',
    'ApprovalExpired',
    'RequestEdited',
    'SelfApproval',
    'RoleNotDisjoint',
    'RequesterUnverified',
    'PrincipalRefused',
    'MethodRefused',
  ],
  busy: ['StepBusy'],
  fenced: ['FenceLost'],
  transient: ['TargetUnreachable', 'TargetThrottled', 'StoreUnavailable'],
  verdict: [
    'NewNotAccepted',
    'OldStillAccepted',
    'SessionsRemain',
    'ConsumersBehind',
    'Inconclusive',
    'ConfirmationStale',
    'LabelsMoved',
    'ObligationWithdrawn',
    'BulkIncomplete',
  ],
  permanent: ['TargetRejected', 'EvidenceConflict', 'Internal'],
} as const satisfies Record<FailureCategory, readonly string[]>;

export type FailureCode = (typeof codes)[FailureCategory][number];

/** Every code of one category, in the order they are declared. */
export function codesOf(category: FailureCategory): readonly FailureCode[] {
  return codes[category];
}

export const failureCodes: readonly FailureCode[] = /* @__PURE__ */ Object.values(codes).flat();

/** The category of a code, or of an error name as a state machine reports it; undefined for names that are not ours. */
export function categoryOf(name: FailureCode): FailureCategory;
export function categoryOf(name: string): FailureCategory | undefined;
export function categoryOf(name: string): FailureCategory | undefined {
  return failureCategories.find((category) => codes[category].some((code) => code === name));
}

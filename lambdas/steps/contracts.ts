/** Functions that perform steps. */
export type StepRole =
  | 'open'
  | 'bulk'
  | 'approval'
  | 'promote'
  | 'close'
  | 'sweep'
  | 'settle'
  | 'consumers'
  | 'mutator'
  | 'prober';

/** Functions that people call: `requests` starts runs, `decisions` approves, denies and reviews, `query` answers. */
export type ApiRole = 'requests' | 'decisions' | 'query';

/** The function that hears of starts from the account's API log; a rule calls it, and it performs no step of a run. */
export type LogRole = 'confirm';

/** The function that seals; a schedule starts it, and it performs no step of a run. */
export type SealRole = 'seal';

/** The function of the witness, in a stack of its own. */
export type WitnessRole = 'witness';

/**
 * The Lambda functions of the app. `mutator` and `prober` exist once per (connector kind, network), `consumers` once
 * per network, all others once.
 */
export type FunctionRole = StepRole | ApiRole | LogRole | SealRole;

/** What a state machine has to know of a step; Retry and Catch are derived from it in one place (lib/workflow). */
export interface StepContract {
  readonly function: StepRole;
  /** One sentence for the state's comment, as a responder reads it in the console. */
  readonly does: string;
  /** Changing steps may be killed with their effect landed, so they claim the identity before they act. */
  readonly nature: 'core' | 'changing' | 'proving';
}

const steps = {
  Open: { function: 'open', nature: 'core', does: 'Claims the identity and opens the run.' },
  Begin: {
    function: 'open',
    nature: 'core',
    does: 'Takes over a run whose execution died, or opens a run that pays an obligation.',
  },
  OpenBulk: {
    function: 'bulk',
    nature: 'core',
    does: 'Finds out who is meant and freezes them in a list before anybody is touched.',
  },
  CloseBulk: {
    function: 'bulk',
    nature: 'core',
    does: 'Counts what became of everybody asked, from the registry, and closes the run with it.',
  },
  Approve: {
    function: 'approval',
    nature: 'core',
    does: 'Asks another person for an approval and waits for the decision.',
  },
  Approved: {
    function: 'approval',
    nature: 'core',
    does: 'Reads the stored decision; without an approval the run ends here.',
  },
  Mint: {
    function: 'mutator',
    nature: 'changing',
    does: 'Makes the new credential, durable in the vault before the target accepts it.',
  },
  ProveNew: {
    function: 'prober',
    nature: 'proving',
    does: 'Presents the new credential: it must be accepted, a random one refused, on every path.',
  },
  Promote: {
    function: 'promote',
    nature: 'changing',
    does: 'Makes the new credential the current one; the old one is owed a refusal from here on.',
  },
  Distribute: { function: 'consumers', nature: 'changing', does: 'Tells the consumers to reload.' },
  ConfirmNew: {
    function: 'prober',
    nature: 'proving',
    does: 'Sees the new credential accepted again and every consumer on it.',
  },
  Retire: {
    function: 'mutator',
    nature: 'changing',
    does: 'Makes the old credential unusable and ends its sessions.',
  },
  ProveOld: {
    function: 'prober',
    nature: 'proving',
    does: 'Presents the old credential: it must be refused on every path and hold no session.',
  },
  Remove: { function: 'mutator', nature: 'changing', does: 'Removes what is left of the old credential.' },
  Close: {
    function: 'close',
    nature: 'core',
    does: 'Closes the run as verified and sets the next due time.',
  },
  Reinstate: {
    function: 'mutator',
    nature: 'changing',
    does: 'Makes the old credential work again, where the new one had replaced it at the target.',
  },
  Reassert: {
    function: 'mutator',
    nature: 'changing',
    does: 'Makes sure that the target accepts the credential in force before an older one is paid off.',
  },
  PromoteBack: {
    function: 'promote',
    nature: 'changing',
    does: 'Makes the old credential the current one again.',
  },
  DistributeBack: { function: 'consumers', nature: 'changing', does: 'Tells the consumers to go back.' },
  Undo: {
    function: 'mutator',
    nature: 'changing',
    does: 'Makes the abandoned new credential unusable and ends its sessions.',
  },
  ProveRestored: {
    function: 'prober',
    nature: 'proving',
    does: 'Sees the old credential accepted and the abandoned one refused.',
  },
  Contain: {
    function: 'mutator',
    nature: 'changing',
    does: 'Makes every credential of the identity unusable and ends its sessions.',
  },
  ProveRefused: {
    function: 'prober',
    nature: 'proving',
    does: 'Presents every credential: each must be refused on every path and hold no session.',
  },
  CloseFailed: {
    function: 'close',
    nature: 'core',
    does: 'Closes a run that did not get to verified, naming the cause and what is still owed.',
  },
  Enrol: {
    function: 'sweep',
    nature: 'core',
    does: 'Takes a new revision of the policies into the registry.',
  },
  DueList: { function: 'sweep', nature: 'core', does: 'Writes the list of identities that are due.' },
} as const satisfies Record<string, StepContract>;

/** The name of a step, which is the name of its state in every machine and of its stage in evidence. */
export type StepName = keyof typeof steps;

/** The stages of a rotation in their order, as RunOpened announces them; Overlap is a wait. */
export const rotationStages = [
  'Open',
  'Mint',
  'ProveNew',
  'Promote',
  'Distribute',
  'Overlap',
  'ConfirmNew',
  'Retire',
  'ProveOld',
  'Remove',
  'Close',
] as const satisfies readonly (StepName | 'Overlap')[];

/** The stages of a revocation in their order. */
export const revocationStages = [
  'Open',
  'Contain',
  'ProveRefused',
  'Remove',
  'Close',
] as const satisfies readonly StepName[];

/** The stages of a bulk revocation; every revocation it starts is a run of its own. */
export const bulkStages = ['OpenBulk', 'CloseBulk'] as const satisfies readonly StepName[];

export const stepContracts: Readonly<Record<StepName, StepContract>> = steps;

/**
 * Longest run of one invocation, in seconds. A mutator's is the time `busyUntil` covers, so it stays at or below 30 and
 * every statement at the target ends below it. A prober may watch a key fade from caches for 100 s.
 */
export const timeoutSeconds: Readonly<Record<FunctionRole | WitnessRole, number>> = {
  open: 15,
  bulk: 120,
  approval: 15,
  requests: 15,
  decisions: 15,
  confirm: 15,
  query: 60,
  promote: 15,
  close: 15,
  sweep: 120,
  settle: 50,
  seal: 50,
  witness: 50,
  consumers: 30,
  mutator: 30,
  prober: 120,
};

/**
 * How often CloseBulk counts a bulk revocation before it calls what is still open unknown, and how long is waited after
 * the first count, in seconds; each wait is twice the one before (20 s … 640 s, 21 minutes in all).
 */
export const bulkCounts = { most: 7, firstWaitSeconds: 20 } as const;

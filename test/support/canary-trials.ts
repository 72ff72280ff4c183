/** A state that fails in a run of its own. */
export interface CanaryTrial {
  readonly machine: 'Rotation' | 'Revocation' | 'BulkRevocation' | 'Sweep' | 'Settle';
  /** `none`: nothing fails. */
  readonly stage: string;
  /**
   * What fails while the state runs: its calls to the target, the stores, the evidence table alone, as a known outage, or
   * the first call to any port but the target.
   */
  readonly at: 'nothing' | 'target' | 'stores' | 'evidence' | 'ports';
  /** The state that fails before, so that the machine comes to this one. */
  readonly after?: string;
}

const rotation = { machine: 'Rotation' } as const;
const revocation = { machine: 'Revocation' } as const;
const back = { ...rotation, after: 'ConfirmNew' } as const;

/** Every task state of both machines but those of approvals, which meet no secret; the way back follows a failed ConfirmNew. */
export const canaryTrials: readonly CanaryTrial[] = [
  { ...rotation, stage: 'none', at: 'nothing' },
  { ...rotation, stage: 'Open', at: 'stores' },
  { ...rotation, stage: 'Mint', at: 'target' },
  { ...rotation, stage: 'ProveNew', at: 'target' },
  { ...rotation, stage: 'Promote', at: 'stores' },
  { ...rotation, stage: 'Distribute', at: 'stores' },
  { ...rotation, stage: 'ConfirmNew', at: 'target' },
  { ...rotation, stage: 'Retire', at: 'target' },
  { ...rotation, stage: 'ProveOld', at: 'target' },
  { ...rotation, stage: 'Remove', at: 'target' },
  { ...rotation, stage: 'Close', at: 'stores' },
  { ...back, stage: 'Reinstate', at: 'stores' },
  { ...back, stage: 'PromoteBack', at: 'stores' },
  { ...back, stage: 'DistributeBack', at: 'stores' },
  { ...back, stage: 'Undo', at: 'target' },
  { ...back, stage: 'ProveRestored', at: 'target' },
  { ...rotation, stage: 'CloseFailed', at: 'stores', after: 'Mint' },
  { ...revocation, stage: 'none', at: 'nothing' },
  { ...revocation, stage: 'Open', at: 'stores' },
  { ...revocation, stage: 'Contain', at: 'target' },
  { ...revocation, stage: 'Contain', at: 'evidence' },
  { ...revocation, stage: 'ProveRefused', at: 'target' },
  { ...revocation, stage: 'Remove', at: 'target' },
  { ...revocation, stage: 'Close', at: 'stores' },
  { ...revocation, stage: 'CloseFailed', at: 'stores', after: 'ProveRefused' },
];

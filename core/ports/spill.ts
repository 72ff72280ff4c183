import type { Sealable } from '../evidence/chain';

/**
 * What became of a record that was kept in the spill. `waiting`: it is not in the evidence table yet. `aside`: its place
 * in the chain was taken meanwhile, so it stays where it is, for people to look at.
 */
export type SpillState = 'waiting' | 'delivered' | 'aside';

/** A record that could not be written to the evidence table when it was made. */
export interface Spilled {
  readonly record: Sealable;
  readonly state: SpillState;
}

/**
 * Where an emergency keeps its records while the evidence table takes none: objects that are written once and never
 * deleted, named by run, chain and seq, holding the exact bytes that were hashed. Failures: StoreUnavailable, Internal.
 */
export interface Spill {
  /** Create-only. `exists` when a record is there, whatever it says; nothing is written then. */
  put(record: Sealable): Promise<'stored' | 'exists'>;
  /** Everything that was ever kept of a run, by chain and seq. */
  of(runId: string): Promise<readonly Spilled[]>;
  /** Runs of which records wait, by id, and how many. */
  waiting(): Promise<readonly { readonly runId: string; readonly count: number }[]>;
  /** Says once what became of a record. */
  mark(record: Pick<Sealable, 'chain' | 'runId' | 'seq'>, as: Exclude<SpillState, 'waiting'>): Promise<void>;
}

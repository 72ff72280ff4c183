import type { Steps } from './machines';

/** What is explored: who takes part, and how many faults may happen on one way. */
export interface Scope {
  readonly rotations: readonly ('A' | 'B')[];
  readonly emergency: 'one' | 'none';
  readonly faults: number;
  /** Whether a stopped execution may leave a worker that goes on to the end of its step, or Mint has a second one. */
  readonly workers: 'end with their execution' | 'may outlive it' | 'have a second one of Mint';
  readonly steps?: Steps;
}

import type { Material } from './material';

/** What every connector call carries: whose authority, under which fence, for how long. */
export interface Call {
  readonly runId: string;
  readonly fence: number;
  /** Authority at the target: the admin secret for changes, the control secret for observations. */
  readonly authority: Material;
  /** What the function itself may act with where the target is the cloud that runs it; absent outside of one. */
  readonly own?: Material;
  /** Every request and statement ends within this many milliseconds. */
  readonly timeoutMs: number;
  /** `count` bytes from a cryptographic source. */
  readonly random: (count: number) => Buffer;
  /** Epoch milliseconds by our own clock: to date what we sign, never to compare with a time of the target. */
  readonly now: () => number;
  /** Milliseconds on a monotonic clock, for latencies. */
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The identity as a connector sees it: its parsed target and its strategy. */
export interface Subject {
  readonly identityId: string;
  readonly strategy: string;
  /** Parsed by the connector's own `target` schema. */
  readonly target: unknown;
}

/** What the world saw, in the order in which it happened. */
export type Seen =
  | {
      readonly what: 'record';
      readonly chain: string;
      readonly runId: string;
      readonly type: string;
      readonly stage: string;
    }
  | {
      readonly what: 'effect';
      readonly runId: string;
      readonly stage: string;
      readonly method: string;
      readonly versionId: string;
    }
  | { readonly what: 'applied'; readonly versionId: string; readonly value: string };

/** Written by the wrappers around the ports; read by the oracle alone. */
export class Journal {
  readonly seen: Seen[] = [];
  /** Moments at which nobody could log in, one sentence each. */
  readonly lockedOut: string[] = [];
  samples = 0;
  /** Every line the product logged. */
  readonly lines: string[] = [];
}

import type { Strategy } from './subject';

/** Calls of one rotation, by port and operation. */
export type Calls = Readonly<Record<string, number>>;

/** The whole product over one kind of store. */
export interface Pipeline {
  readonly name: string;
  /** Most that its median may be of the bare script's. */
  readonly goal: number;
  /** Rotates an identity of the strategy and checks that it ended well. */
  rotate(strategy: Strategy): Promise<void>;
  /** What one rotation asks of registry, evidence, vault and keys. */
  counted(strategy: Strategy): Promise<Calls>;
  stop(): Promise<void>;
}

/** Counts by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** What was counted, in the order of the names, and starts again. */
  taken(): Calls {
    const counted = Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    this.#counts.clear();
    return counted;
  }
}

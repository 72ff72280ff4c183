import { createHash } from 'node:crypto';

/** One step of a system: its name, the state after it, and whether it is a fault that nobody has a right to. */
export interface Move {
  readonly name: string;
  /** A state in its canonical text. */
  readonly to: string;
  readonly fault: boolean;
}

/** A system whose states are texts: equal states have equal texts. */
export interface System {
  readonly initial: readonly string[];
  moves(state: string): readonly Move[];
  /** Names of the invariants that a state breaks. */
  broken(state: string): readonly string[];
  /** The same for a state without a move of its own, in which only a fault could still happen. */
  brokenAtRest(state: string): readonly string[];
}

/** A shortest way from an initial state to one that breaks something. */
export interface Counterexample {
  readonly invariant: string;
  readonly trace: readonly string[];
  /** The state at its end. */
  readonly state: string;
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** States without a move left. */
  readonly resting: number;
  readonly depth: number;
  readonly counterexample: Counterexample | undefined;
}

/** No bound met is success by exhaustion only: a space larger than this is an error, never a pass. */
export interface Bound {
  readonly states: number;
}

/**
 * Visits every reachable state, breadth first, so that the first counterexample is a shortest one. After that it looks
 * for states from which no rest can be reached without another fault: what circles there is never finished.
 * @throws Error when there are more states than the bound allows
 */
export function explore(system: System, bound: Bound): Explored {
  const search = new Search(system, bound);
  const counterexample = search.run() ?? search.restless();
  return { ...search.counts(), counterexample };
}

const ENDLESS = 'everything comes to rest';

class Search {
  readonly #ids = new Map<string, number>();
  readonly #parents: number[] = [];
  readonly #depths: number[] = [];
  /** Moves that are no faults, as pairs from, to. */
  readonly #edges: number[] = [];
  readonly #rests: number[] = [];
  #frontier: { readonly id: number; readonly state: string }[] = [];
  #transitions = 0;

  constructor(
    private readonly system: System,
    private readonly bound: Bound,
  ) {}

  counts(): Omit<Explored, 'counterexample'> {
    return {
      states: this.#parents.length,
      transitions: this.#transitions,
      resting: this.#rests.length,
      depth: this.#depths.at(-1) ?? 0,
    };
  }

  run(): Counterexample | undefined {
    for (const state of this.system.initial) this.#visit(state, -1);
    while (this.#frontier.length > 0) {
      const layer = this.#frontier;
      this.#frontier = [];
      for (const node of layer) {
        const found = this.#expand(node);
        if (found) return found;
      }
    }
    return undefined;
  }

  /** The first state, if any, from which the moves that are no faults never lead to rest. */
  restless(): Counterexample | undefined {
    const before: number[][] = this.#parents.map(() => []);
    for (let at = 0; at < this.#edges.length; at += 2)
      before[this.#edges[at + 1] ?? 0]?.push(this.#edges[at] ?? 0);
    const calm = new Set(this.#rests);
    const queue = [...this.#rests];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const earlier of before[next] ?? []) {
        if (calm.has(earlier)) continue;
        calm.add(earlier);
        queue.push(earlier);
      }
    }
    const endless = this.#parents.findIndex((_parent, id) => !calm.has(id));
    return endless < 0 ? undefined : this.#trace(endless, ENDLESS);
  }

  #expand({ id, state }: { readonly id: number; readonly state: string }): Counterexample | undefined {
    const [broken] = this.system.broken(state);
    if (broken !== undefined) return this.#trace(id, broken);
    const moves = this.system.moves(state);
    if (moves.every(({ fault }) => fault)) {
      this.#rests.push(id);
      const [left] = this.system.brokenAtRest(state);
      if (left !== undefined) return this.#trace(id, left);
    }
    for (const { to, fault } of moves) {
      this.#transitions += 1;
      const reached = this.#visit(to, id);
      if (!fault) this.#edges.push(id, reached);
    }
    return undefined;
  }

  #visit(state: string, parent: number): number {
    // Short keys: a hundred thousand long ones would not fit.
    const key = createHash('md5').update(state).digest('base64');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#parents.push(parent) - 1;
    if (id >= this.bound.states) throw new Error(`More than ${this.bound.states} states; nothing was shown.`);
    this.#ids.set(key, id);
    this.#depths.push(parent < 0 ? 0 : (this.#depths[parent] ?? 0) + 1);
    this.#frontier.push({ id, state });
    return id;
  }

  /** Walks the way there once more, because only the ids of it were kept. */
  #trace(end: number, invariant: string): Counterexample {
    const way: number[] = [];
    for (let id = end; id >= 0; id = this.#parents[id] ?? -1) way.unshift(id);
    const idOf = (state: string) => this.#ids.get(createHash('md5').update(state).digest('base64'));
    let state = this.system.initial.find((each) => idOf(each) === way[0]) ?? '';
    const trace: string[] = [];
    for (const id of way.slice(1)) {
      const move = this.system.moves(state).find(({ to }) => idOf(to) === id);
      trace.push(move?.name ?? '');
      state = move?.to ?? '';
    }
    return { invariant, trace, state };
  }
}

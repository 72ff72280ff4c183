import { chance, pick } from './chance';
import type { Case, Fault } from './fault';

/** A case and the strategy of the identity it is tried on. */
export interface Planned {
  readonly strategy: string;
  readonly trial: Case;
}

/** Every single fault, on every strategy. */
export function singles(faults: readonly Fault[], strategies: readonly string[]): readonly Planned[] {
  return strategies.flatMap((strategy) =>
    faults.map((fault) => ({ strategy, trial: { machine: fault.machine, faults: [fault] } })),
  );
}

/** So many ordered pairs of faults of one machine, which the seed determines. */
export function pairs(
  faults: readonly Fault[],
  strategies: readonly string[],
  count: number,
  seed: number,
): readonly Planned[] {
  const random = chance(seed);
  return Array.from({ length: count }, () => {
    const first = pick(random, faults);
    const after = faults.filter((fault) => follows(first, fault));
    const trial = { machine: first.machine, faults: [first, pick(random, after)] };
    return { strategy: pick(random, strategies), trial };
  });
}

/** A second fault that can be met: in the same state when it is delivered again, or in one that comes later. */
function follows(first: Fault, second: Fault): boolean {
  if (first.machine !== second.machine) return false;
  if (first.way === 'back') return second.way === 'back';
  return true;
}

/** A part of a list for one of several workers, so that neighbours go to different ones. */
export function shareOf<T>(list: readonly T[], worker: number, workers: number): readonly T[] {
  return list.filter((_, index) => index % workers === worker);
}

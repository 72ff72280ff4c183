import { chance, pick } from './chance';
import { leads, type Case, type Fault, type Kind } from './fault';

/** A case and the strategy of the identity it is tried on. */
export interface Planned {
  readonly strategy: string;
  readonly trial: Case;
}

/** Every single fault on every strategy. */
export function singles(faults: readonly Fault[], strategies: readonly string[]): readonly Planned[] {
  return strategies.flatMap((strategy) => faults.map((fault) => single(fault, strategy)));
}

/** Every single fault once, the strategies taking turns; which of them begins, the seed says. */
export function singlesInTurn(
  faults: readonly Fault[],
  strategies: readonly string[],
  seed: number,
): readonly Planned[] {
  return faults.flatMap((fault, index) => {
    const strategy = strategies[(index + seed) % strategies.length];
    return strategy === undefined ? [] : [single(fault, strategy)];
  });
}

function single(fault: Fault, strategy: string): Planned {
  return { strategy, trial: { machine: fault.machine, faults: [fault] } };
}

/** So many ordered pairs of faults of one machine, which the seed determines; `faults` in the order of the states. */
export function pairs(
  faults: readonly Fault[],
  strategies: readonly string[],
  count: number,
  seed: number,
): readonly Planned[] {
  const random = chance(seed);
  const firsts = faults
    .map((first) => ({ first, seconds: secondsAfter(first, faults) }))
    .filter(({ seconds }) => seconds.length > 0);
  return Array.from({ length: count }, () => {
    const { first, seconds } = pick(random, firsts);
    const trial = { machine: first.machine, faults: [first, pick(random, seconds)] };
    return { strategy: pick(random, strategies), trial };
  });
}

/** Faults that can still be met after the first. */
function secondsAfter(first: Fault, faults: readonly Fault[]): readonly Fault[] {
  const states = [
    ...new Set(faults.filter((each) => each.machine === first.machine).map(({ state }) => state)),
  ];
  const place = (state: string) => states.indexOf(state);
  const lead = place(leads[first.machine]);
  return faults.filter((second) => {
    if (second.machine !== first.machine) return false;
    if (second.state === first.state) return repeats.includes(first.kind);
    // What is refused for good ends the way it stands on.
    if (first.kind === 'refused-for-good') return second.state === 'CloseFailed';
    if (first.way === 'forward' && second.way === 'back') return place(first.state) <= lead;
    return place(second.state) > place(first.state);
  });
}

/** After these the machine delivers the same state again. */
const repeats: readonly Kind[] = [
  'dies-before-effect',
  'dies-after-effect',
  'dies-after-outcome',
  'times-out-landed',
  'times-out-lost',
];

/** A part of a list for one of several workers, so that neighbours go to different ones. */
export function shareOf<T>(list: readonly T[], worker: number, workers: number): readonly T[] {
  return list.filter((_, index) => index % workers === worker);
}

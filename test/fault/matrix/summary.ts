import type { Performed } from './perform';

/** What was tried on one target, and how many violations that showed. */
interface Tried {
  readonly singles: number;
  readonly pairs: number;
  readonly violations: number;
}

/** What a fault run found. */
export interface Summary {
  readonly seed: number;
  readonly seconds: number;
  readonly trials: number;
  readonly singles: number;
  readonly pairs: number;
  /** Trials in which every fault struck. */
  readonly met: number;
  /** Moments of rotations at which somebody was seen to be let in. */
  readonly samples: number;
  readonly violations: number;
  readonly byCondition: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly connectors: Readonly<Record<string, Tried>>;
  readonly found: readonly { readonly condition: number; readonly what: string; readonly replay: string }[];
}

export function summaryOf(seed: number, results: readonly Performed[], ms: number): Summary {
  const found = results.flatMap(({ violations, replay }) =>
    violations.map(({ condition, what }) => ({ condition, what, replay })),
  );
  return {
    seed,
    seconds: Math.round(ms / 100) / 10,
    trials: results.length,
    singles: results.filter(({ faults }) => faults === 1).length,
    pairs: results.filter(({ faults }) => faults === 2).length,
    met: results.filter(({ met }) => met === 'all').length,
    samples: results.reduce((sum, { samples }) => sum + samples, 0),
    violations: found.length,
    byCondition: counted(found.map(({ condition }) => String(condition))),
    outcomes: counted(results.map(({ outcome }) => outcome)),
    connectors: byConnector(results),
    found,
  };
}

export function asText(summary: Summary): string {
  const { seed, seconds, trials, singles, pairs, met, samples, violations, byCondition } = summary;
  return [
    `${trials} trials in ${seconds} s: ${singles} single faults, ${pairs} pairs; every fault struck in ${met}`,
    `by target ${JSON.stringify(summary.connectors)}; outcomes ${JSON.stringify(summary.outcomes)}`,
    `${samples} moments of rotations sampled`,
    `violations ${violations} ${violations > 0 ? JSON.stringify(byCondition) : ''}(seed ${seed})`,
  ].join('\n');
}

function byConnector(results: readonly Performed[]): Readonly<Record<string, Tried>> {
  const names = [...new Set(results.map(({ connector }) => connector))];
  return Object.fromEntries(
    names.map((name) => {
      const own = results.filter(({ connector }) => connector === name);
      const violations = own.reduce((sum, each) => sum + each.violations.length, 0);
      const singles = own.filter(({ faults }) => faults === 1).length;
      return [name, { singles, pairs: own.length - singles, violations }];
    }),
  );
}

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

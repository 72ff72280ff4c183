import { machineLine, type Machine } from '../machine';
import { quantile } from '../quantile';
import type { ComparablePairs, Sample } from './pairs';
import type { Calls } from './pipeline';
import type { Strategy } from './subject';

/** Fewer pairs give no ratio: it would say more about the machine's mood than about us. */
export const FEWEST_PAIRS = 200;

/** Median and 95th percentile, in milliseconds. */
interface Spread {
  readonly p50: number;
  readonly p95: number;
  /** Median of the CPU time of our own process. */
  readonly cpu: number;
}

/** One store and strategy, measured. */
export interface Line {
  readonly store: string;
  readonly strategy: Strategy;
  readonly pairs: number;
  /** Pairs not counted, because one side opened more sessions. */
  readonly setAside: number;
  readonly bare: Spread;
  readonly pipeline: Spread;
  /** Median of the pipeline / median of the bare script; absent with too few pairs. */
  readonly ratio: number | undefined;
  readonly goal: number;
  /** Logins and statements of one rotation, the same on both sides. */
  readonly atTarget: number;
  readonly calls: Calls;
}

/** What was measured under one goal. */
export function lineOf(
  about: Pick<Line, 'store' | 'strategy' | 'goal' | 'atTarget' | 'calls'>,
  { bare, pipeline, setAside }: ComparablePairs,
): Line {
  const enough = bare.length >= FEWEST_PAIRS;
  return {
    ...about,
    pairs: bare.length,
    setAside,
    bare: spread(bare),
    pipeline: spread(pipeline),
    ratio: enough ? spread(pipeline).p50 / spread(bare).p50 : undefined,
  };
}

/** Whether a goal was measured and missed. */
export function missed({ ratio, goal }: Line): boolean {
  return ratio !== undefined && ratio > goal;
}

/** The whole report for people. */
export function readable(machine: Machine, lines: readonly Line[]): string {
  const head = [
    'Rotation, whole pipeline against a bare script with the same logins and statements; 1 client, no consumers.',
    machineLine(machine),
  ];
  return [...head, ...lines.flatMap(described)].join('\n');
}

function described(line: Line): readonly string[] {
  const { pairs, setAside, bare, pipeline, atTarget, calls } = line;
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  return [
    '',
    summary(line),
    `  bare      ${shown(bare)}  n ${pairs}`,
    `  pipeline  ${shown(pipeline)}  n ${pairs}`,
    `  at the target, both sides: ${atTarget} logins refused and statements, in the same order; ${setAside} pairs set aside`,
    `  calls of one rotation: ${total} (${Object.entries(calls)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')})`,
  ];
}

/** One line: what was measured, and what came of it. */
export function summary(line: Line): string {
  const { store, strategy, ratio, goal, pairs } = line;
  const about = `${store}, ${strategy}`;
  if (ratio === undefined)
    return `${about}: too few pairs, no ratio (${pairs}, want at least ${FEWEST_PAIRS})`;
  return `${about}: ratio ${ratio.toFixed(3)}, goal <= ${goal.toFixed(2)}: ${missed(line) ? 'MISS' : 'PASS'}`;
}

function spread(samples: readonly Sample[]): Spread {
  const wall = samples.map(({ wallMs }) => wallMs);
  const cpu = samples.map(({ cpuMs }) => cpuMs);
  return { p50: quantile(wall, 0.5), p95: quantile(wall, 0.95), cpu: quantile(cpu, 0.5) };
}

function shown({ p50, p95, cpu }: Spread): string {
  return `p50 ${p50.toFixed(1)} ms  p95 ${p95.toFixed(1)} ms  own CPU p50 ${cpu.toFixed(1)} ms`;
}

import type { Compared } from './cold-starts';
import type { Declared } from './declared';
import type { Deployed } from './deployed';

/** Fewer starts give no ratio. */
export const FEWEST_STARTS = 21;

/** Functions whose cold starts stand for all where there is no time for all: the pair that carries most. */
export const bundlesInShort = 'postgres-role';

/** P8 in bytes, P9 and P10 as ratios. */
export const goals = { P8: 60 * 1_024, P9: 1.25, P10: 1.15 } as const;
export type Goal = keyof typeof goals;

/** One function beside its bare bundle. */
export interface Line {
  readonly name: string;
  /** Packages it declares, as they are imported. */
  readonly declares: readonly string[];
  readonly bytes: number;
  readonly bareBytes: number;
  /** Of `bytes`, what comes from this repository. */
  readonly ownBytes: number;
  /** Absent where only bytes were compared. */
  readonly starts: Compared | undefined;
  readonly runs: number;
  /** What was measured of each goal: bytes, and ratios where there were enough starts. */
  readonly seen: Readonly<Record<Goal, number | undefined>>;
}

/** What was measured under the three goals. */
export function lineOf(
  { name, inputs }: Pick<Deployed, 'name' | 'inputs'>,
  declared: readonly Declared[],
  { bytes, bareBytes, starts, runs }: Pick<Line, 'bytes' | 'bareBytes' | 'starts' | 'runs'>,
): Line {
  const own = Object.entries(inputs).filter(([file]) => !file.includes('node_modules/'));
  const ownBytes = own.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  const enough = runs >= FEWEST_STARTS ? starts : undefined;
  const seen = {
    P8: bytes - bareBytes,
    P9: enough?.ratios.initMs,
    P10: enough?.ratios.afterCall,
  };
  const declares = declared.map(({ from }) => from);
  return { name, declares, bytes, bareBytes, ownBytes, starts, runs, seen };
}

/** The goals a function misses. */
export function missedBy({ seen }: Line): readonly Goal[] {
  return (['P8', 'P9', 'P10'] as const).filter((goal) => (seen[goal] ?? 0) > goals[goal]);
}

/** One line for people. */
export function readable(line: Line): string {
  const { name, bytes, bareBytes, ownBytes } = line;
  const missed = missedBy(line);
  return [
    name.padEnd(34),
    `${kb(bytes)} KB (own code ${kb(ownBytes)}), bare ${kb(bareBytes)}, ${over(bytes - bareBytes)}`,
    ...startsIn(line),
    missed.length === 0 ? 'met' : `missed ${missed.join(', ')}`,
  ].join('; ');
}

function startsIn({ starts, seen }: Line): readonly string[] {
  if (!starts) return [];
  const { own, bare, ratios } = starts;
  const cpu = `CPU ${own.cpuMs.toFixed(0)} / ${bare.cpuMs.toFixed(0)} ms = ${ratios.cpuMs.toFixed(2)}`;
  const early = ratios.afterInit.toFixed(2);
  return [
    `init ${own.initMs.toFixed(0)} / ${bare.initMs.toFixed(0)} ms = ${shown(seen.P9)} (${cpu})`,
    `memory after the first call ${mb(own.afterCall)} / ${mb(bare.afterCall)} MB = ${shown(seen.P10)} (after init ${early})`,
  ];
}

/** The worst of all functions, goal by goal. */
export function summary(lines: readonly Line[]): readonly string[] {
  return (['P8', 'P9', 'P10'] as const).map((goal) => {
    const judged = lines.filter(({ seen }) => seen[goal] !== undefined);
    const worst = judged.toSorted((a, b) => (b.seen[goal] ?? 0) - (a.seen[goal] ?? 0))[0];
    if (!worst) return `${goal}: too few starts for a ratio, want at least ${FEWEST_STARTS}`;
    const value = worst.seen[goal] ?? Number.NaN;
    const missed = judged.filter((line) => missedBy(line).includes(goal)).length;
    const figure =
      goal === 'P8'
        ? `${over(value)} KB (goal <= ${over(goals.P8)})`
        : `${value.toFixed(2)} (goal <= ${goals[goal]})`;
    return `${goal}: at most ${figure}, ${worst.name}; ${judged.length - missed} of ${judged.length} functions meet it`;
  });
}

function shown(ratio: number | undefined): string {
  return ratio === undefined ? 'no ratio' : ratio.toFixed(2);
}

function kb(bytes: number): string {
  return (bytes / 1_024).toFixed(0);
}

function over(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${kb(bytes)}`;
}

function mb(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

import * as z from 'zod/mini';
import { atLeast, atMost, type Measured } from './goal';
import { runBench } from './run-bench';

/** How much is measured. */
export interface Extent {
  /** Stores that ratios are measured on: the engine takes longer than all the rest. */
  readonly stores: readonly ('memory' | 'engine')[];
  readonly pairs: number;
  /** Cold starts of each side, and the part of a function's name to which they are limited. */
  readonly starts: number;
  readonly only: string;
}

/** One bench, and the goals that its figures answer. */
export type Part = (extent: Extent) => Promise<readonly Measured[]>;

const ratio = z.optional(z.number());
const overhead = z.object({
  lines: z.array(z.object({ store: z.string(), strategy: z.optional(z.string()), ratio, goal: z.number() })),
});

const eachStore = async (
  { stores, pairs }: Extent,
  name: string,
  about: Pick<Measured, 'id' | 'what'>,
): Promise<readonly Measured[]> => {
  const measured: Measured[] = [];
  for (const store of stores) {
    const { lines } = await runBench(name, ['--pairs', String(pairs), '--store', store], overhead);
    for (const { store: on, strategy, ratio: seen, goal } of lines) {
      const what = [about.what, strategy, on].filter((part) => part !== undefined).join(', ');
      measured.push(atMost({ ...about, what }, seen, goal));
    }
  }
  return measured;
};

const rotation: Part = (extent) =>
  eachStore(extent, 'overhead', { id: 'P1', what: 'rotation / bare script' });

const revocation: Part = (extent) =>
  eachStore(extent, 'revocation', { id: 'P2', what: 'revocation / bare script' });

const throughputFigures = z.object({
  lines: z.array(z.object({ store: z.string(), ratio, goal: z.optional(z.number()) })),
});

const throughput: Part = async ({ stores }) => {
  const measured: Measured[] = [];
  for (const store of stores) {
    const { lines } = await runBench('throughput', ['--store', store], throughputFigures);
    for (const { ratio: seen, goal } of lines) {
      const about = { id: 'P3', what: `throughput at 8 clients / bare, ${store}` };
      if (goal !== undefined) measured.push(atLeast(about, seen, goal));
      else
        measured.push({
          ...about,
          goal: 'printed',
          seen: seen?.toFixed(2) ?? 'too few samples',
          state: 'printed',
        });
    }
  }
  return measured;
};

const costFigures = z.object({
  runs: z.array(
    z.object({
      kind: z.string(),
      transitions: z.number(),
      evidenceWrites: z.number(),
      secretWrites: z.number(),
      total: z.number(),
    }),
  ),
  idleTransitions: z.number(),
});

const cost: Part = async () => {
  const { runs, idleTransitions } = await runBench('cost', [], costFigures);
  const of = (kind: string) => runs.find((run) => run.kind === kind);
  const [rotated, revoked] = [of('rotation'), of('revocation')];
  return [
    atMost({ id: 'P4', what: 'evidence writes per rotation' }, rotated?.evidenceWrites, 17),
    atMost({ id: 'P5', what: 'transitions per rotation' }, rotated?.transitions, 12),
    atMost({ id: 'P5', what: 'transitions per revocation' }, revoked?.transitions, 7),
    atMost(
      { id: 'P5', what: 'transitions per identity of a look at 1,000 that finds nothing to do' },
      idleTransitions,
      0.02,
    ),
    atMost({ id: 'P6', what: 'secret writes per rotation' }, rotated?.secretWrites, 2),
    atMost({ id: 'P6', what: 'secret writes per revocation' }, revoked?.secretWrites, 0),
    atMost({ id: 'P7', what: '$ per rotation, metered x list price' }, rotated?.total, 0.0004),
  ];
};

const bundleFigures = z.object({
  functions: z.array(
    z.object({ name: z.string(), seen: z.object({ P8: z.number(), P9: ratio, P10: ratio }) }),
  ),
});

const bundles: Part = async ({ starts, only }) => {
  const { functions } = await runBench(
    'bundles',
    ['--runs', String(starts), '--starts-of', only],
    bundleFigures,
  );
  const worst = (id: 'P8' | 'P9' | 'P10') =>
    functions.toSorted((a, b) => (b.seen[id] ?? 0) - (a.seen[id] ?? 0))[0];
  const [largest, slowest, widest] = [worst('P8'), worst('P9'), worst('P10')];
  const kb = largest && Math.round(largest.seen.P8 / 1_024);
  return [
    atMost({ id: 'P8', what: `KB over the bare bundle, at most (${largest?.name ?? ''})` }, kb, 60),
    atMost(
      { id: 'P9', what: `init / bare bundle, at most (${slowest?.name ?? ''})` },
      slowest?.seen.P9,
      1.25,
    ),
    atMost(
      { id: 'P10', what: `memory after the first call / bare, at most (${widest?.name ?? ''})` },
      widest?.seen.P10,
      1.15,
    ),
  ];
};

/** Every part, by the name it is asked for. */
export const parts: Readonly<Record<string, Part>> = { rotation, revocation, throughput, cost, bundles };

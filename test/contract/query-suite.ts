import type { Sealable } from '../../core/evidence/chain';
import type { RunFilter, RunSummary } from '../../core/ports/registry';
import type { Census } from '../../core/query/answers';
import { MOST_COUNTED, takeCensus } from '../../core/query/census';
import { laterCensus } from '../../core/query/later-census';
import { wholeCensus } from '../../core/query/whole-census';
import { checkedRuns, runRows } from '../../core/query/checked-runs';
import type { QueryPorts } from '../../core/query/ports';
import { after, flipped, rehashed, START } from '../support/chains';
import { runOf, type Chains } from '../support/query-runs';

/** Stores that hold runs, and what an attacker with rights to them can do. */
export interface QueryScene {
  readonly ports: QueryPorts;
  write(...runs: readonly Chains[]): Promise<void>;
  /** Seals an hour after the first run, or so many seconds after it. */
  seal(at?: number): Promise<void>;
  /** Overwrites a record where it is stored. */
  edit(record: Sealable): Promise<void>;
  /** Overwrites a row of the index, or removes it. */
  editRow(runId: string, change: Partial<RunSummary> | 'removed'): Promise<void>;
}
export type MakeScene = () => Promise<QueryScene>;

const FAILED: readonly number[] = [3, 11, 17];
/** 20 runs, one a minute, three of which failed; two on either side are outside of the period asked for. */
const all = Array.from({ length: 22 }, (_, n) =>
  runOf({
    runId: `run-${String(n).padStart(2, '0')}`,
    at: 60 * n,
    ends: FAILED.includes(n) ? 'aborted' : 'verified',
    identity: n % 2 === 0 ? 'orders-db' : 'reports-db',
    controls: n % 4 === 0 ? ['IA-5', 'HOUSE-7'] : ['IA-5'],
  }),
);
const period = { since: after(60), until: after(60 * 21) };

const chainOfRun = (n: number): Chains => all[n] ?? runOf({ runId: 'none', at: 0, ends: 'aborted' });
const recordOf = (n: number, seq: number): Sealable => chainOfRun(n).run[seq] ?? fail(n, seq);
function fail(n: number, seq: number): never {
  throw new Error(`run ${n} has no record ${seq}`);
}

async function filled(make: MakeScene): Promise<QueryScene> {
  const scene = await make();
  await scene.write(...all);
  await scene.seal();
  return scene;
}

const counted = (ports: QueryPorts, filter: RunFilter): Promise<Census> =>
  wholeCensus(
    {
      census: (part) => takeCensus(ports, part),
      later: (all, from) => laterCensus(ports, all, from),
    },
    filter,
  );
const wrongOf = (census: Census) => (census.state === 'not taken' ? [census.why] : census.wrong);

/** Claims about answers, whatever stores they are read from. */
export function describeQuery(name: string, make: MakeScene): void {
  describe(name, () => {
    const given = unchanged(make);
    describeAnswers(given, make);
    describeTampering(make);
    describeLimits(given, make);
  });
}

/** One filled scene for claims that change nothing in it. */
function unchanged(make: MakeScene): () => QueryScene {
  let scene: QueryScene | undefined;
  beforeAll(async () => {
    scene = await filled(make);
  });
  return () => {
    if (scene) return scene;
    throw new Error('the scene is filled before the first claim');
  };
}

function describeAnswers(given: () => QueryScene, make: MakeScene): void {
  it('gives all 20 runs of a period, the 3 that failed among them, and the census has 20', async () => {
    const { ports } = given();
    const { runs, next } = await checkedRuns(ports, { ...period, limit: 50 });
    expect(runs.map(({ runId }) => runId)).toEqual(
      all
        .slice(1, 21)
        .map(({ runId }) => runId)
        .toReversed(),
    );
    expect(runs.filter(({ outcome }) => outcome === 'aborted').map(({ runId }) => runId)).toEqual([
      'run-17',
      'run-11',
      'run-03',
    ]);
    expect(runs.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(next).toBeNull();
    expect(await counted(ports, period)).toEqual({
      state: 'matches',
      ledger: 20,
      unsealed: 0,
      index: 20,
      wrong: [],
    });
  });

  it.each<{ filter: RunFilter; count: number }>([
    { filter: { identityId: 'orders-db' }, count: 11 },
    { filter: { outcome: 'aborted' }, count: 3 },
    { filter: { control: 'HOUSE-7', ...period }, count: 5 },
    { filter: { actor: 'tester', owner: 'payments', since: after(60 * 20) }, count: 2 },
    { filter: { actor: 'nobody' }, count: 0 },
    { filter: {}, count: 22 },
  ])('counts $filter against the ledger: $count', async ({ filter, count }) => {
    const { ports } = given();
    const { runs } = await runRows(ports, { ...filter, limit: 100 });
    expect(runs).toHaveLength(count);
    expect(await counted(ports, filter)).toMatchObject({ state: 'matches', ledger: count, index: count });
  });

  it('counts runs that are open or not sealed yet, and says how many', async () => {
    const scene = await filled(make);
    const { run, runId } = runOf({ runId: 'run-open', at: 2_000, ends: 'verified' });
    await scene.write({ runId, run: run.slice(0, 3), proof: [] });
    await scene.write(runOf({ runId: 'run-new', at: 2_060, ends: 'aborted' }));
    expect(await counted(scene.ports, {})).toMatchObject({ state: 'matches', ledger: 24, unsealed: 2 });
    expect(await counted(scene.ports, { outcome: 'open' })).toMatchObject({ state: 'matches', ledger: 1 });
  });
}

function describeTampering(make: MakeScene): void {
  it('finds one edited record among 20 runs and names it', async () => {
    const scene = await filled(make);
    await scene.edit(flipped(recordOf(7, 4)));
    const { runs } = await checkedRuns(scene.ports, { ...period, limit: 50 });
    expect(runs).toHaveLength(20);
    const wrong = runs.filter((run) => run.wrong.length > 0);
    expect(wrong.map(({ runId }) => runId)).toEqual(['run-07']);
    expect(wrong[0]?.wrong).toEqual([
      expect.stringMatching(/^RUN#run-07 seq 4: expected hash .*, found hash /),
    ]);
  });

  it.each([
    { case: 'first record, re-hashed', n: 5, seq: 0 },
    { case: 'last record, re-hashed', n: 5, seq: 11 },
  ])('finds an edited $case by the leaf that seals it', async ({ n, seq }) => {
    const scene = await filled(make);
    await scene.edit(rehashed(recordOf(n, seq)));
    const census = await counted(scene.ports, period);
    expect(census.state).toBe('differs');
    expect(wrongOf(census)).toEqual([expect.stringMatching(`^RUN#run-05 seq ${seq}: expected hash `)]);
  });

  it('misses no run whose row was removed from the index', async () => {
    const scene = await filled(make);
    await scene.editRow('run-11', 'removed');
    expect((await checkedRuns(scene.ports, { ...period, limit: 50 })).runs).toHaveLength(19);
    expect(await counted(scene.ports, period)).toEqual({
      state: 'differs',
      ledger: 19,
      unsealed: 0,
      index: 19,
      wrong: ['RUN#run-11 SUMMARY of the run index: expected aborted, as its records say, found nothing'],
    });
  });

  it.each<{ case: string; change: Partial<RunSummary>; filter: RunFilter; says: string }>([
    {
      case: 'a failure called verified',
      change: { outcome: 'verified' },
      filter: period,
      says: 'expected outcome "aborted"',
    },
    {
      case: 'the same, asked for by outcome',
      change: { outcome: 'verified' },
      filter: { outcome: 'aborted' },
      says: 'expected outcome "aborted"',
    },
    {
      case: 'a closed run called open',
      change: { outcome: 'open' },
      filter: period,
      says: 'expected aborted',
    },
    {
      case: 'another identity',
      change: { identityId: 'someone' },
      filter: { identityId: 'reports-db' },
      says: 'expected identityId "reports-db"',
    },
    {
      case: 'another time',
      change: { openedAt: after(86_400) },
      filter: period,
      says: `expected openedAt "${after(660)}"`,
    },
  ])('names the row that says $case', async ({ change, filter, says }) => {
    const scene = await filled(make);
    await scene.editRow('run-11', change);
    const census = await counted(scene.ports, filter);
    expect(census.state).toBe('differs');
    expect(wrongOf(census)).toEqual([
      expect.stringContaining(`RUN#run-11 SUMMARY of the run index: ${says}`),
    ]);
  });

  it('names a row that no run stands behind', async () => {
    const scene = await filled(make);
    await scene.editRow('run-21', { runId: 'invented', openedAt: START });
    expect(wrongOf(await counted(scene.ports, {}))).toEqual([
      'RUN#invented SUMMARY of the run index: expected a run that has records, found none in the ledger',
    ]);
  });
}

function describeLimits(given: () => QueryScene, make: MakeScene): void {
  it('is not counted where the sealed ledger is not named, and says so', async () => {
    const { ports } = given();
    const census = await counted({ ...ports, sealed: undefined }, period);
    expect(census).toEqual({ state: 'not taken', why: 'the sealed ledger of this deployment is not named' });
  });

  it('misses no run of a period that was sealed long after it, with its row or without', async () => {
    const scene = await filled(make);
    await scene.write(runOf({ runId: 'run-next', at: 6_000, ends: 'aborted' }));
    await scene.seal(6_100);
    for (const n of [1, 2])
      await scene.write(runOf({ runId: `run-late-${n}`, at: 70 + n, ends: 'aborted', kind: 'revocation' }));
    await scene.seal(20_000);
    await scene.write(runOf({ runId: 'run-last', at: 19_000, ends: 'aborted' }));
    await scene.seal(20_100);
    expect(await counted(scene.ports, period)).toEqual({
      state: 'matches',
      ledger: 22,
      index: 22,
      unsealed: 0,
      wrong: [],
    });
    await scene.editRow('run-late-2', 'removed');
    const census = await counted(scene.ports, period);
    expect(census).toMatchObject({ state: 'differs', ledger: 21, index: 21, unsealed: 0 });
    expect(wrongOf(census)).toEqual([expect.stringContaining('RUN#run-late-2 SUMMARY')]);
  });

  it('divides a time with more runs than one call counts, until every part was counted', async () => {
    const { ports } = given();
    const asked: RunFilter[] = [];
    const most = 6;
    const census = async (part: RunFilter) => {
      asked.push(part);
      const rows = await ports.registry.runs({ ...part, limit: 100 });
      if (rows.length <= most) return takeCensus(ports, part);
      return { state: 'too many', at: rows[Math.floor(rows.length / 2)]?.openedAt ?? '' } as const;
    };
    const later = (all: RunFilter, from: number) => laterCensus(ports, all, from);
    for (const filter of [period, {}, { since: period.since }, { until: period.until }]) {
      const whole = await counted(ports, filter);
      expect(await wholeCensus({ census, later }, filter)).toEqual(whole);
    }
    expect(asked.length).toBeGreaterThan(20);
  });

  it('says of more runs than one call counts where to divide their time, and of one moment that it cannot', async () => {
    const { ports } = given();
    const [row] = await ports.registry.runs({ limit: 1 });
    if (!row) throw new Error('the scene has no run');
    const many = (opened: (n: number) => string) =>
      Array.from({ length: MOST_COUNTED + 1 }, (_, n) => ({
        ...row,
        runId: `many-${n}`,
        openedAt: opened(n),
      }));
    const over = (rows: RunSummary[]) => ({
      ...ports,
      registry: {
        ...ports.registry,
        runs: async ({ limit }: { readonly limit: number }) => rows.splice(0, limit),
      },
    });
    expect(await takeCensus(over(many((n) => after(n))), {})).toEqual({
      state: 'too many',
      at: after(MOST_COUNTED / 2),
    });
    const moment = { since: after(7), until: after(7.001) };
    expect(await counted(over(many(() => after(7))), moment)).toEqual({
      state: 'not taken',
      why: expect.stringContaining('cannot be divided'),
    });
  });
}

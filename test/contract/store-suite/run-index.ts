import type { RunFilter, RunSummary } from '../../../core/ports/registry';
import { nextPage } from '../../../core/registry/summary-order';
import { summary, type MakeStores, type Stores } from './stores';

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T08:00:00.000Z`;

/** 24 runs, two a day, no two of them alike in everything. */
const given: readonly RunSummary[] = Array.from({ length: 24 }, (_, n) =>
  summary(`run-${String(n).padStart(2, '0')}`, {
    openedAt: day(1 + Math.floor(n / 2)),
    identityId: n % 2 === 0 ? 'payments-db' : 'orders-db',
    owner: n % 3 === 0 ? 'payments' : 'orders',
    actor: n % 4 === 0 ? 'alice' : 'schedule',
    controls: n % 5 === 0 ? ['IA-5', 'HOUSE-7'] : n % 5 === 1 ? ['IA-5'] : [],
    glass: n === 8 ? 'broken' : undefined,
    outcome: n % 6 === 0 ? 'rolled-back' : 'verified',
  }),
);

async function filled(makeStores: MakeStores): Promise<Stores['registry']> {
  const { registry } = await makeStores();
  for (const each of given) {
    if (each.runId !== 'run-05')
      await registry.putSummary({ ...each, outcome: 'open', closedAt: undefined, level: undefined });
    await registry.putSummary(each);
  }
  return registry;
}

/** Every page of a query, joined. */
async function paged(registry: Stores['registry'], filter: RunFilter, limit: number) {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await registry.runs({ ...filter, limit, ...(after !== undefined && { after }) });
    pages.push(page.map(({ runId }) => runId));
    after = nextPage(page, limit);
  } while (after !== undefined);
  return pages.flat();
}

const period = { since: day(3), until: day(6) };
const cases: readonly {
  readonly case: string;
  readonly filter: RunFilter;
  readonly has: (n: number) => boolean;
}[] = [
  { case: 'nothing', filter: {}, has: () => true },
  { case: 'an identity', filter: { identityId: 'orders-db' }, has: (n) => n % 2 === 1 },
  { case: 'an owner', filter: { owner: 'payments' }, has: (n) => n % 3 === 0 },
  { case: 'an actor', filter: { actor: 'alice' }, has: (n) => n % 4 === 0 },
  { case: 'a control', filter: { control: 'IA-5' }, has: (n) => n % 5 < 2 },
  { case: 'a control that few have', filter: { control: 'HOUSE-7' }, has: (n) => n % 5 === 0 },
  { case: 'a broken glass', filter: { glass: 'broken' }, has: (n) => n === 8 },
  { case: 'an outcome', filter: { outcome: 'rolled-back' }, has: (n) => n % 6 === 0 },
  { case: 'an end', filter: { until: day(6) }, has: (n) => n < 10 },
  { case: 'a period', filter: period, has: (n) => n >= 4 && n < 10 },
  {
    case: 'a period of a year',
    filter: { since: '2025-06-01T00:00:00.000Z', until: day(6) },
    has: (n) => n < 10,
  },
  {
    case: 'all at once',
    filter: { ...period, identityId: 'payments-db', control: 'IA-5', outcome: 'rolled-back' },
    has: (n) => n === 6,
  },
  {
    case: 'an actor and a control in a period',
    filter: { ...period, actor: 'schedule', control: 'IA-5' },
    has: (n) => n === 5 || n === 6,
  },
  { case: 'a period that ends before it begins', filter: { since: day(6), until: day(3) }, has: () => false },
];

/** Claims about finding runs by index, page by page. */
export function describeRunIndex(makeStores: MakeStores): void {
  test.each(cases)('runs of $case come newest first, and pages of any size join to them', async (row) => {
    const registry = await filled(makeStores);
    const expected = given.flatMap(({ runId }, n) => (row.has(n) ? [runId] : [])).toReversed();
    for (const limit of [1, 3, 100]) {
      const found = await paged(registry, row.filter, limit);
      // Runs of one day opened at the same time; then the id decides.
      expect([limit, found]).toEqual([limit, expected]);
    }
  });
}

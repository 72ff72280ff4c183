import { marker, summary, type MakeStores, type Stores } from './stores';

/** Claims about open runs and run summaries. */
export function describeRuns(makeStores: MakeStores): void {
  describeMarkers(makeStores);
  describeSummaries(makeStores);
}

function describeMarkers(makeStores: MakeStores): void {
  test('open runs are listed until they are forgotten', async () => {
    const { registry } = await makeStores();
    const ids = Array.from({ length: 20 }, (_, n) => `run-${String(n).padStart(2, '0')}`);
    await Promise.all(ids.map((runId) => registry.openRun(marker(runId))));
    await registry.forgetRun('run-07');
    await registry.forgetRun('run-07');
    expect((await registry.openRuns()).map(({ runId }) => runId)).toEqual(
      ids.filter((runId) => runId !== 'run-07'),
    );
    expect(await registry.run('run-00')).toStrictEqual(marker('run-00'));
    expect(await registry.run('run-07')).toBeUndefined();
  });

  test('a run may open its marker again; the id of another run is refused', async () => {
    const { registry } = await makeStores();
    await registry.openRun(marker('run-1'));
    await registry.openRun(marker('run-1', { openedAt: '2026-03-01T00:00:09.000Z' }));
    const other = registry.openRun(marker('run-1', { identityId: 'orders-db' }));
    await expect(other).rejects.toMatchObject({ name: 'EvidenceConflict', effect: 'none' });
    expect(await registry.run('run-1')).toStrictEqual(marker('run-1'));
  });

  test('of two executions adopting a run one gets it; the same one may say so twice', async () => {
    const { registry } = await makeStores();
    await registry.openRun(marker('run-1'));
    const both = ['arn:settle-1', 'arn:settle-2'].map((arn) => registry.adoptRun(marker('run-1'), arn));
    const statuses = (await Promise.allSettled(both)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual(['fulfilled', 'rejected']);
    const adopter = statuses[0] === 'fulfilled' ? 'arn:settle-1' : 'arn:settle-2';
    await registry.adoptRun(marker('run-1'), adopter);
    expect(await registry.run('run-1')).toStrictEqual(
      marker('run-1', { executionArn: adopter, adoptions: 1 }),
    );
  });

  test('a run that closed is not adopted any more', async () => {
    const { registry } = await makeStores();
    await registry.openRun(marker('run-1'));
    await registry.forgetRun('run-1');
    const late = registry.adoptRun(marker('run-1'), 'arn:settle');
    await expect(late).rejects.toMatchObject({ name: 'FenceLost', effect: 'none' });
    expect(await registry.run('run-1')).toBeUndefined();
  });
}

async function withSummaries(makeStores: MakeStores): Promise<Stores['registry']> {
  const { registry } = await makeStores();
  const given = [
    summary('run-1', { openedAt: '2026-03-01T08:00:00.000Z' }),
    summary('run-2', {
      openedAt: '2026-03-02T08:00:00.000Z',
      outcome: 'rolled-back',
      level: 'L0',
      cause: 'NewNotAccepted',
    }),
    summary('run-3', { openedAt: '2026-03-02T08:00:00.000Z', identityId: 'orders-db', about: 'run-2' }),
    summary('run-4', { openedAt: '2026-03-03T08:00:00.000Z' }),
    summary('run-5', {
      openedAt: '2026-03-04T08:00:00.000Z',
      outcome: 'open',
      closedAt: undefined,
      level: undefined,
    }),
  ];
  await Promise.all(given.map((each) => registry.putSummary(each)));
  return registry;
}

function describeSummaries(makeStores: MakeStores): void {
  test('runs are found by identity, by outcome, by time and by all of these, newest first', async () => {
    const registry = await withSummaries(makeStores);
    const found = async (query: Omit<Parameters<typeof registry.runs>[0], 'limit'>, limit = 10) =>
      (await registry.runs({ ...query, limit })).map(({ runId }) => runId);
    expect(await found({})).toEqual(['run-5', 'run-4', 'run-3', 'run-2', 'run-1']);
    expect(await found({}, 2)).toEqual(['run-5', 'run-4']);
    expect(await found({ identityId: 'payments-db' })).toEqual(['run-5', 'run-4', 'run-2', 'run-1']);
    expect(await found({ outcome: 'verified' })).toEqual(['run-4', 'run-3', 'run-1']);
    expect(await found({ identityId: 'payments-db', outcome: 'verified' }, 1)).toEqual(['run-4']);
    expect(await found({ since: '2026-03-02T08:00:00.000Z', outcome: 'verified' })).toEqual([
      'run-4',
      'run-3',
    ]);
    expect(await found({ identityId: 'payments-db', since: '2026-03-02T00:00:00.000Z' }, 2)).toEqual([
      'run-5',
      'run-4',
    ]);
    expect(await found({ identityId: 'nobody' })).toEqual([]);
  });

  test('a summary comes back as it was put', async () => {
    const registry = await withSummaries(makeStores);
    const about = { openedAt: '2026-03-02T08:00:00.000Z', identityId: 'orders-db', about: 'run-2' };
    expect(await registry.summary('run-3')).toStrictEqual(summary('run-3', about));
    expect(await registry.summary('nobody')).toBeUndefined();
  });

  test('closing replaces the open summary, and a late open does not replace the closed one', async () => {
    const { registry } = await makeStores();
    const open = summary('run-1', { outcome: 'open', closedAt: undefined, level: undefined });
    await registry.putSummary(open);
    await registry.putSummary(summary('run-1'));
    await registry.putSummary(open);
    expect(await registry.summary('run-1')).toStrictEqual(summary('run-1'));
    expect(await registry.runs({ outcome: 'open', limit: 10 })).toEqual([]);
  });
}

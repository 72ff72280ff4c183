import { unsealedRun } from '../../../core/ledger/sealed-run';
import type { SealedRun } from '../../../core/ports/ledger-index';
import { marker, type MakeStores } from './stores';

function at(minutes: number): string {
  return new Date(Date.UTC(2026, 2, 1, 0, minutes)).toISOString();
}

function claim(holder: string, minute: number) {
  return { holder, now: at(minute), until: at(minute + 1) };
}

function sealedTo(seq: number): SealedRun {
  const range = { chain: 'RUN', seq: 0, leaf: 7, count: seq } as const;
  return { ...unsealedRun('run-1'), run: { seq, prev: 'a'.repeat(64) }, ranges: [range] };
}

/** Claims about what Seal keeps beside the registry. */
export function describeLedgerIndex(makeStores: MakeStores): void {
  test('one sealer at a time; when its time is over another takes over under a higher fence', async () => {
    const { index } = await makeStores();
    expect(await index.claimSealer(claim('a', 0))).toEqual({ fence: 1, size: 0 });
    expect(await index.claimSealer(claim('b', 0))).toEqual({ heldUntil: claim('a', 0).until });
    expect(await index.claimSealer(claim('b', 1))).toEqual({ fence: 2, size: 0 });
    await index.releaseSealer('a');
    expect(await index.claimSealer(claim('a', 1))).toEqual({ heldUntil: claim('b', 1).until });
    await index.releaseSealer('b');
    expect(await index.claimSealer(claim('a', 1))).toEqual({ fence: 3, size: 0 });
  });

  test('the size moves on from where it is, under the newest fence only', async () => {
    const { index } = await makeStores();
    await index.claimSealer(claim('a', 0));
    await index.advance({ fence: 1, from: 0, to: 5 });
    const lost = { name: 'FenceLost', effect: 'none' };
    await expect(index.advance({ fence: 1, from: 0, to: 5 })).rejects.toMatchObject(lost);
    await index.claimSealer(claim('b', 1));
    await expect(index.advance({ fence: 1, from: 5, to: 6 })).rejects.toMatchObject(lost);
    await index.advance({ fence: 2, from: 5, to: 6 });
    await index.releaseSealer('b');
    expect(await index.claimSealer(claim('c', 1))).toEqual({ fence: 3, size: 6 });
  });

  test('a closed run keeps its marker until it is dropped; an open one cannot be dropped', async () => {
    const { index, registry } = await makeStores();
    await registry.openRun(marker('run-1'));
    await registry.openRun(marker('run-2'));
    await registry.forgetRun('run-1');
    expect(await index.markers()).toEqual([
      { ...marker('run-1'), state: 'closed' },
      { ...marker('run-2'), state: 'open' },
    ]);
    for (const runId of ['run-1', 'run-2', 'run-3']) await index.dropMarker(runId);
    expect(await index.markers()).toEqual([{ ...marker('run-2'), state: 'open' }]);
  });

  test('a closed run is open again when it is opened again, or when Seal found work in it', async () => {
    const { index, registry } = await makeStores();
    const again = marker('run-1', { openedAt: '2026-03-02T00:00:00.000Z', executionArn: 'arn:again' });
    await registry.openRun(marker('run-1'));
    await registry.forgetRun('run-1');
    await registry.openRun(again);
    expect(await registry.openRuns()).toStrictEqual([again]);
    await registry.forgetRun('run-1');
    await index.reopenRun('run-1');
    await index.reopenRun('run-never-opened');
    expect(await registry.run('run-1')).toStrictEqual(again);
    await registry.adoptRun(again, 'arn:settle');
    expect(await index.markers()).toHaveLength(1);
  });

  test('how far a run is sealed is replaced only by whoever knows how far it was', async () => {
    const { index } = await makeStores();
    expect(await index.putSealedRun(undefined, sealedTo(2))).toBe('written');
    expect(await index.putSealedRun(undefined, sealedTo(3))).toBe('moved on');
    expect(await index.putSealedRun(sealedTo(2), sealedTo(4))).toBe('written');
    expect(await index.putSealedRun(sealedTo(2), sealedTo(5))).toBe('moved on');
    expect(await index.sealedRuns(['run-1', 'run-2'])).toStrictEqual([sealedTo(4)]);
  });
}

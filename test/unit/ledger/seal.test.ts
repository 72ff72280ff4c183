import { readLeafList, type Leaf } from '../../../core/ledger/leaf-list';
import { openCheckpoint, type Checkpoint } from '../../../core/ledger/checkpoint';
import { merkleRoot } from '../../support/merkle';
import { dyingPorts } from '../../support/dying-ports';
import { seal } from '../../../lambdas/steps/seal/run';
import { ledgerScene, rotation, unfinished, type LedgerScene } from '../../support/ledger-scene';
import { rotationCopies } from '../../support/ledger-copies';
import { rehashed } from '../../support/chains';

async function leavesIn({ sealed }: LedgerScene): Promise<readonly Leaf[]> {
  const lists = await sealed.versions('leaves/');
  const read = lists.map(async ({ key }) => readLeafList((await sealed.get(key)) ?? new Uint8Array()));
  return (await Promise.all(read)).flatMap((list) => list?.leaves ?? []);
}

async function checkpointsIn({ sealed, pinned }: LedgerScene): Promise<readonly Checkpoint[]> {
  const keys = (await sealed.versions('checkpoint/')).map(({ key }) => key);
  return Promise.all(
    keys.map(async (key) => {
      const check = openCheckpoint((await sealed.get(key)) ?? new Uint8Array(), pinned);
      if (check.state === 'invalid') throw new Error(`${key}: ${check.found}`);
      return check.checkpoint;
    }),
  );
}

/** Texts of every sealed object; signatures differ from one signing to the next. */
async function textsIn({ sealed }: LedgerScene): Promise<Readonly<Record<string, string>>> {
  const entries = (await sealed.versions('')).map(async ({ key }) => {
    const bytes = Buffer.from((await sealed.get(key)) ?? []);
    const signed = key.startsWith('checkpoint/') || key.startsWith('pulse/');
    return [key, signed ? (bytes.toString().split('\n')[0] ?? '') : bytes.toString('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function nameOf({ chain, runId, seq }: Pick<Leaf, 'chain' | 'runId' | 'seq'>): string {
  return `${chain}#${runId}#${seq}`;
}

it('puts every record of every open run under one signed root, proofs before the record that closes on them', async () => {
  const scene = ledgerScene();
  await scene.write(rotation('run-a'), unfinished('run-b', 4));
  expect(await scene.seal()).toMatchObject({ state: 'sealed', size: 19, sealed: 19, checkpoints: 1 });
  const leaves = await leavesIn(scene);
  const [checkpoint] = await checkpointsIn(scene);
  const root = merkleRoot(leaves.map(({ hash }) => Buffer.from(hash, 'hex'))).toString('hex');
  expect(checkpoint).toMatchObject({ size: 19, root, runsOpen: 1, runsClosed: 1 });
  expect(leaves.findIndex(({ part }) => part === 'closes')).toBe(14);
  const found = leaves.map(nameOf).toSorted();
  const written = [rotation('run-a'), unfinished('run-b', 4)].flatMap(({ run, proof }) => [...run, ...proof]);
  expect(found).toEqual(written.map(nameOf).toSorted());
});

it('removes a marker only once the terminal record is sealed and the run is closed', async () => {
  const scene = ledgerScene();
  await scene.write(rotation('run-a'), unfinished('run-b', 4));
  expect(await scene.registry.openRuns()).toHaveLength(1);
  expect(await scene.deps.index.markers()).toHaveLength(2);
  expect(await scene.seal()).toMatchObject({ markersDropped: 1 });
  expect((await scene.deps.index.markers()).map(({ runId }) => runId)).toEqual(['run-b']);
});

it('goes on where it stopped: what comes later is sealed under the next checkpoint, linked to the one before', async () => {
  const scene = ledgerScene();
  await scene.write(unfinished('run-b', 4));
  await scene.seal();
  expect(await scene.seal()).toMatchObject({ state: 'idle', size: 4, sealed: 0 });
  await scene.write(rotation('run-b'), rotation('run-a'));
  expect(await scene.seal()).toMatchObject({ size: 30, sealed: 26 });
  const [first, second] = await checkpointsIn(scene);
  expect(second?.prevCheckpointHash).not.toBe(first?.prevCheckpointHash);
  expect([first, second].map((each) => [each?.runsOpen, each?.runsClosed])).toEqual([
    [1, 0],
    [0, 2],
  ]);
  expect(new Set((await leavesIn(scene)).map(nameOf)).size).toBe(30);
});

it('cuts what is more than 4,096 leaves into several checkpoints', async () => {
  const scene = ledgerScene();
  const copy = rotationCopies();
  await scene.write(...Array.from({ length: 560 }, (_, n) => copy(`run-${n}`)));
  expect(await scene.seal()).toMatchObject({ sealed: 8_400, checkpoints: 3, markersDropped: 560 });
  expect((await checkpointsIn(scene)).map(({ size }) => size)).toEqual([4_096, 8_192, 8_400]);
  expect(new Set((await leavesIn(scene)).map(nameOf)).size).toBe(8_400);
});

it('leaves a record that does not hash, and all that follows in its run, out; everything else is sealed', async () => {
  const scene = ledgerScene();
  const bad = rotation('run-a');
  const forged = { ...bad, run: bad.run.map((record) => (record.seq === 3 ? rehashed(record) : record)) };
  await scene.write(forged, rotation('run-b'));
  await expect(scene.seal()).rejects.toMatchObject({
    name: 'EvidenceConflict',
    message: expect.stringContaining('record 4 of RUN#run-a'),
  });
  const names = (await leavesIn(scene)).map(nameOf);
  expect(names.filter((name) => name.startsWith('RUN#run-a'))).toHaveLength(4);
  expect(names.filter((name) => name.includes('run-b'))).toHaveLength(15);
});

it('does not seal a run as closed while proofs it was closed on are missing', async () => {
  const scene = ledgerScene();
  const { runId, run, proof } = rotation('run-a');
  await scene.write({ runId, run, proof: proof.slice(0, 2) });
  await expect(scene.seal()).rejects.toMatchObject({
    message: expect.stringContaining('3 records, as RunClosed says'),
  });
  expect((await leavesIn(scene)).some(({ part }) => part === 'closes')).toBe(false);
});

it('opens a run again that was taken for over but has records and no terminal one', async () => {
  const scene = ledgerScene();
  await scene.write(unfinished('run-a', 2));
  await scene.registry.forgetRun('run-a');
  await scene.seal();
  expect(await scene.registry.run('run-a')).toMatchObject({ runId: 'run-a' });
});

it('drops the marker of a run that never began only when nobody can begin it any more', async () => {
  const scene = ledgerScene();
  await scene.write({ runId: 'run-a', run: [], proof: [] });
  await scene.registry.forgetRun('run-a');
  await scene.seal();
  expect(await scene.deps.index.markers()).toHaveLength(1);
  scene.clock += 61 * 60_000;
  await scene.seal();
  expect(await scene.deps.index.markers()).toEqual([]);
});

it('lets one sealer work at a time', async () => {
  const scene = ledgerScene();
  await scene.deps.index.claimSealer({
    holder: 'other',
    now: new Date(scene.clock).toISOString(),
    until: new Date(scene.clock + 50_000).toISOString(),
  });
  expect(await scene.seal()).toMatchObject({ state: 'busy' });
});

it('says that it lives when it finds nothing to seal', async () => {
  const scene = ledgerScene();
  await scene.seal();
  await scene.seal();
  expect(await scene.sealed.versions('pulse/')).toHaveLength(1);
});

it('seals nothing on top of a tile or checkpoint that is not what it wrote', async () => {
  for (const prefix of ['tile/', 'checkpoint/']) {
    const scene = ledgerScene();
    await scene.write(unfinished('run-a', 2));
    await scene.seal();
    const [{ key } = { key: '' }] = await scene.sealed.versions(prefix);
    const bytes = Buffer.from((await scene.sealed.get(key)) ?? []);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    const sealed = {
      get: async (asked: string) => (asked === key ? bytes : scene.sealed.get(asked)),
      put: (at: string, given: Uint8Array) => scene.sealed.put(at, given),
      versions: (asked: string) => scene.sealed.versions(asked),
    };
    await scene.write(rotation('run-a'));
    const attempt = seal({ ...scene.deps, sealed });
    await expect(attempt).rejects.toMatchObject({ name: 'EvidenceConflict' });
  }
});

/** A ledger with a checkpoint, and records after it. */
async function begun(): Promise<LedgerScene> {
  const scene = ledgerScene();
  await scene.write(unfinished('run-a', 5), unfinished('run-c', 2));
  await scene.seal();
  await scene.write(rotation('run-a'), unfinished('run-b', 3), rotation('run-c'));
  return scene;
}

describe('a sealer', () => {
  it('killed at any port call and run again, it skips no record, seals none twice, and leaves the very bytes of a sealer that lived', async () => {
    const whole = await begun();
    const counting = dyingPorts(whole.deps);
    await seal(counting.deps);
    const expected = await textsIn(whole);
    expect(counting.calls.length).toBeGreaterThan(25);
    const ports = [...new Set(counting.calls.map((name) => name.split('.')[0]))].toSorted((a = '', b = '') =>
      a.localeCompare(b),
    );
    expect(ports).toEqual(['evidence', 'index', 'sealed', 'signer']);
    process.stdout.write(`sealer: ${counting.calls.length * 2} kill points at ports, all of them\n`);
    for (const call of counting.calls.keys()) {
      for (const side of ['before', 'after'] as const) {
        const scene = await begun();
        await expect(seal(dyingPorts(scene.deps, { call, side }).deps)).rejects.toThrow('was killed');
        const atDeath = await textsIn(scene);
        await scene.seal();
        const after = await textsIn(scene);
        expect(after).toMatchObject(atDeath);
        expect(withoutPulses(after)).toEqual(withoutPulses(expected));
        expect(await scene.deps.index.markers()).toEqual(await whole.deps.index.markers());
        const ids = ['run-a', 'run-b', 'run-c'];
        expect(await scene.deps.index.sealedRuns(ids)).toEqual(await whole.deps.index.sealedRuns(ids));
      }
    }
  });
});

it('a sealer that another overtakes at any port call seals nothing a second time', async () => {
  const whole = await begun();
  const counting = dyingPorts(whole.deps);
  await seal(counting.deps);
  const outcomes: string[] = [];
  for (const call of counting.calls.keys()) {
    const scene = await begun();
    const overtake = async () => {
      scene.clock += 60_000;
      await seal({ ...scene.deps, holder: () => 'other' });
    };
    const slow = seal(dyingPorts(scene.deps, { call, side: 'before', meanwhile: overtake }).deps);
    outcomes.push(
      await slow.then(
        ({ state }) => state,
        (error: Error) => error.name,
      ),
    );
    const names = (await leavesIn(scene)).map(nameOf);
    expect(names.toSorted()).toEqual((await leavesIn(whole)).map(nameOf).toSorted());
    expect((await checkpointsIn(scene)).at(-1)).toMatchObject({
      size: names.length,
      runsOpen: 1,
      runsClosed: 2,
    });
  }
  expect(outcomes).toContain('FenceLost');
});

/** Pulses tell of looks, not of records. */
function withoutPulses(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => !key.startsWith('pulse/')));
}

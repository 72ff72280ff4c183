import { bundleFiles } from '../../../core/ledger/bundle-files';
import { verifyBundle } from '../../../core/ledger/bundle-source';
import { storeSource } from '../../../core/ledger/store-source';
import { verifyLedger } from '../../../core/ledger/verify';
import { parseRecord } from '../../../core/evidence/record';
import { audited, folderOf, rotationGroups, verifyFiles } from '../../support/ledger-bundle';
import { ledgerScene, rotation, unfinished, type Chains, type LedgerScene } from '../../support/ledger-scene';
import { after, chainOf, judged, LEDGER_ID, START } from '../../support/chains';

it('verifies an exported ledger from the pinned origin and key alone', async () => {
  const { bundle, trusted } = await audited(
    [[rotation('run-a'), unfinished('run-b', 4)], [rotation('run-c')], [rotation('run-b')]],
    { kind: 'ledger' },
  );
  expect(await verifyBundle(folderOf(bundle), trusted)).toMatchObject({
    state: 'verified',
    origin: LEDGER_ID,
    size: 45,
    checkpoints: 3,
    records: 45,
    runsOpen: 0,
    runsClosed: 3,
    unsealed: 0,
    copied: [
      { name: 'WORM copy', size: 45 },
      { name: 'witness', size: 45 },
    ],
    overlays: [],
  });
});

it('raises no alarm over a ledger of many runs and tiles', async () => {
  const { bundle, trusted } = await audited(rotationGroups(5, 150), { kind: 'ledger' });
  const check = await verifyFiles(bundle, trusted);
  expect(check).toMatchObject({ state: 'verified', size: 11_250, records: 11_250, runsClosed: 750 });
});

it('verifies a live ledger in its stores, and counts as unsealed what came after the last checkpoint', async () => {
  const scene = ledgerScene();
  await scene.write(rotation('run-a'), unfinished('run-b', 4));
  await scene.seal();
  await scene.write(rotation('run-b'), unfinished('run-c', 2));
  const { sealed, evidence, pinned, deps } = scene;
  const source = storeSource({ sealed, evidence, index: deps.index });
  const trusted = { ...pinned, copies: [], witness: undefined, known: [] };
  const check = await verifyLedger(source, { ...trusted, scope: { kind: 'ledger' } });
  expect(check).toMatchObject({ state: 'verified', size: 19, records: 19, unsealed: 13, runsOpen: 1 });
});

it('never counts a proof that came after its run was closed and sealed as verified', async () => {
  const scene = ledgerScene();
  const { runId, run, proof } = rotation('run-a');
  await scene.write({ runId, run, proof });
  await scene.seal();
  const entries = proof.map(({ body }) => {
    const record = parseRecord(body);
    if (record.type !== 'Judged') throw new Error('not a proof');
    return { ...judged(record.stage, { versionId: record.versionId, claim: record.claim }), at: START };
  });
  const late = chainOf(
    'PROOF',
    [...entries, { ...judged('ProveOld', { versionId: 'old' }), at: after(9) }],
    {},
    { runId },
  );
  for (const record of late.slice(3)) await scene.evidence.put(record);
  const { sealed, evidence, pinned, deps } = scene;
  const source = storeSource({ sealed, evidence, index: deps.index });
  const trusted = { ...pinned, copies: [], witness: undefined, known: [] };
  const check = await verifyLedger(source, { ...trusted, scope: { kind: 'ledger' } });
  expect(check).toMatchObject({ state: 'verified', records: 15, unsealed: 1 });
});

it('carries the unsealed records of a bundle as unsealed', async () => {
  const { scene } = await audited([[rotation('run-a')]], { kind: 'ledger' });
  await scene.write(unfinished('run-b', 3));
  const { bundle, trusted } = await rebundled(scene);
  expect(await verifyBundle(folderOf(bundle), trusted)).toMatchObject({
    state: 'verified',
    records: 15,
    unsealed: 3,
  });
});

async function rebundled(scene: LedgerScene) {
  const source = storeSource({ sealed: scene.sealed, evidence: scene.evidence, index: scene.deps.index });
  const bundle = new Map<string, Buffer>();
  const about = { origin: LEDGER_ID, scope: { kind: 'ledger' }, madeAt: START, witness: undefined } as const;
  for await (const { path, bytes } of bundleFiles(source, about)) bundle.set(path, Buffer.from(bytes));
  const trusted = { ...scene.pinned, scope: undefined, copies: [], witness: undefined, known: [] };
  return { bundle, trusted };
}

/** Three checkpoints; one run goes on from the first into the second. */
function groups(): readonly (readonly Chains[])[] {
  return [
    [rotation('run-a'), unfinished('run-b', 4)],
    [rotation('run-b'), rotation('run-c')],
    [rotation('run-d')],
  ];
}

describe('a part of a ledger', () => {
  it('of one run holds its records alone, and all the leaves they are proven by', async () => {
    const { bundle, trusted } = await audited(groups(), { kind: 'run', runId: 'run-b' });
    const check = await verifyBundle(folderOf(bundle), trusted);
    expect(check).toMatchObject({ state: 'verified', size: 60, records: 15, runsClosed: 4 });
    expect([...bundle.values()].some((bytes) => bytes.includes('"runId":"run-c"'))).toBe(false);
  });

  it('of a period holds every run with a record sealed in it, whole', async () => {
    const scope = { kind: 'period', since: after(60), until: after(120) } as const;
    const { bundle, trusted } = await audited(groups(), scope);
    const check = await verifyBundle(folderOf(bundle), trusted);
    expect(check).toMatchObject({ state: 'verified', size: 60, records: 30 });
  });

  it('from which a record of the scope is missing does not verify, and it is named', async () => {
    const { bundle, trusted } = await audited(groups(), { kind: 'run', runId: 'run-b' });
    const [path = ''] = [...bundle.keys()].filter((key) => key.startsWith('records/'));
    bundle.set(path, Buffer.from(String(bundle.get(path)).replace(/\{.*\}/, '')));
    expect(await verifyFiles(bundle, trusted, { kind: 'run', runId: 'run-b' })).toMatchObject({
      state: 'broken',
      first: { position: { runId: 'run-b', chain: 'RUN', seq: 0, leaf: 15 }, found: 'nothing' },
    });
  });

  it('does not pass for the whole', async () => {
    const { bundle, trusted } = await audited(groups(), { kind: 'run', runId: 'run-b' });
    expect(await verifyBundle(folderOf(bundle), { ...trusted, scope: { kind: 'ledger' } })).toMatchObject({
      state: 'broken',
      first: { position: { runId: 'run-a', leaf: 0 }, found: 'nothing' },
    });
  });
});

it('holds every file of a bundle to its manifest', async () => {
  const { bundle, trusted } = await audited([[rotation('run-a')]], { kind: 'ledger' });
  const added = new Map(bundle).set('notes.txt', Buffer.from('read me'));
  expect(await verifyBundle(folderOf(added), trusted)).toMatchObject({
    state: 'broken',
    first: { position: { object: 'notes.txt' } },
  });
  const unlisted = new Map(bundle).set('unsealed.jsonl', Buffer.from(''));
  expect(await verifyBundle(folderOf(unlisted), trusted)).toMatchObject({
    first: { position: { object: 'unsealed.jsonl' } },
  });
  const without = new Map(bundle);
  without.delete('manifest.json');
  expect(await verifyBundle(folderOf(without), trusted)).toMatchObject({
    first: { position: { object: 'manifest.json' }, found: 'nothing' },
  });
});

it('reports what was laid over or hidden, and goes by what was written first', async () => {
  const { scene, trusted } = await audited([[rotation('run-a')]], { kind: 'ledger' });
  const source = storeSource({ sealed: scene.sealed, evidence: scene.evidence, index: scene.deps.index });
  const laid = [{ kind: 'object' }, { kind: 'object' }, { kind: 'delete marker' }] as const;
  const versions = async (prefix: string) =>
    (await source.versions(prefix)).map((each) =>
      each.key.startsWith('checkpoint/') ? { ...each, versions: laid } : each,
    );
  const check = await verifyLedger({ ...source, versions }, { ...trusted, scope: { kind: 'ledger' } });
  expect(check).toMatchObject({
    state: 'verified',
    overlays: [{ key: 'checkpoint/000000000015', extraVersions: 1, deleteMarkers: 1 }],
  });
});

it('verifies a ledger without a record, as one of which nothing is verified', async () => {
  const { bundle, trusted } = await audited([[]], { kind: 'ledger' });
  expect(await verifyFiles(bundle, trusted)).toMatchObject({ state: 'verified', size: 0, records: 0 });
});

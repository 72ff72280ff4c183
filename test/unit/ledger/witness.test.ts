import { openStatement } from '../../../core/ledger/witness-statement';
import { pinnedKey } from '../../../core/ledger/signed';
import { checkpointKey } from '../../../core/ledger/checkpoint';
import type { SealedStore } from '../../../core/ports/sealed-store';
import { seal } from '../../../lambdas/steps/seal/run';
import { witness, type WitnessDeps } from '../../../lambdas/steps/witness/run';
import { LEDGER_ID } from '../../support/chains';
import { witnessKeys, witnessOf, type Bundle } from '../../support/ledger-bundle';
import { ledgerScene, rotation, unfinished, type LedgerScene } from '../../support/ledger-scene';
import { forked, rolledBack } from '../../support/tampering';

const witnessPublic = pinnedKey(witnessKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString());

async function begun(): Promise<{ scene: LedgerScene; deps: WitnessDeps }> {
  const scene = ledgerScene();
  await scene.write(rotation('run-a'));
  await scene.seal();
  await scene.write(rotation('run-b'));
  await scene.seal();
  return { scene, deps: witnessOf(scene) };
}

/** The objects of a scene, to be changed, and a store over them. */
async function objectsOf({ sealed }: LedgerScene): Promise<Bundle> {
  const entries = (await sealed.versions('')).map(
    async ({ key }) => [key, Buffer.from((await sealed.get(key)) ?? [])] as const,
  );
  return new Map(await Promise.all(entries));
}

function over(objects: Bundle): Pick<SealedStore, 'get'> {
  return { get: async (key) => objects.get(key) };
}

it('countersigns the newest checkpoint that continues what it remembers, once', async () => {
  const { scene, deps } = await begun();
  expect(await witness(deps)).toEqual({ size: 30, alarms: [] });
  expect(await witness(deps)).toEqual({ size: 30, alarms: [] });
  await scene.write(unfinished('run-c', 3));
  await scene.seal();
  expect(await witness(deps)).toEqual({ size: 33, alarms: [] });
  const keys = (await deps.own.versions('witness/')).map(({ key }) => key);
  expect(keys).toEqual(['witness/000000000030', 'witness/000000000033']);
  const bytes = (await deps.own.get('witness/000000000033')) ?? new Uint8Array();
  expect(openStatement(bytes, { origin: LEDGER_ID, key: witnessPublic })).toMatchObject({ size: 33 });
  expect(openStatement(bytes, scene.pinned)).toBeUndefined();
});

it('makes up for a countersignature that got lost after it was remembered', async () => {
  const { deps } = await begun();
  const own: SealedStore = {
    get: (key) => deps.own.get(key),
    put: () => Promise.reject(new Error('gone')),
    versions: (prefix) => deps.own.versions(prefix),
  };
  await expect(witness({ ...deps, own })).rejects.toThrow('gone');
  expect(await deps.memory.read()).toMatchObject({ size: 30 });
  await witness(deps);
  expect(await deps.own.versions('witness/')).toHaveLength(1);
});

it('alarms on a ledger that was rolled back, and on one whose seen checkpoint is another now', async () => {
  const { scene, deps } = await begun();
  await witness(deps);
  const objects = await objectsOf(scene);
  const back = await witness({ ...deps, ledger: over(rolledBack(objects, 1)) });
  expect(back).toMatchObject({
    size: 30,
    alarms: [{ kind: 'rollback', sentence: expect.stringContaining('it is gone') }],
  });
  const swapped = new Map(objects).set(checkpointKey(30), objects.get(checkpointKey(15)) ?? Buffer.alloc(0));
  expect((await witness({ ...deps, ledger: over(swapped) })).alarms).toMatchObject([{ kind: 'rollback' }]);
});

it('alarms on a fork signed with the very key, and never countersigns it', async () => {
  const { scene, deps } = await begun();
  await scene.write(rotation('run-c'));
  const objects = await objectsOf(scene);
  await witness(deps);
  await scene.seal();
  const after = await objectsOf(scene);
  const bodies = (await scene.evidence.read('RUN', 'run-a')).map(({ body }) => body);
  const withRecords = new Map(after).set('records/000000000000.jsonl', Buffer.from(`${bodies.join('\n')}\n`));
  // Only what came after the remembered checkpoint is new; its tree is another.
  const fork = forked(withRecords, 0);
  const served = new Map(fork).set(checkpointKey(30), objects.get(checkpointKey(30)) ?? Buffer.alloc(0));
  const seen = await witness({ ...deps, ledger: over(served) });
  expect(seen).toMatchObject({ size: 30, alarms: [{ kind: 'gap' }] });
  expect(await deps.own.versions('witness/')).toHaveLength(1);
});

it('alarms when a checkpoint follows by its link and its tree does not', async () => {
  const { scene, deps } = await begun();
  await witness(deps);
  await scene.write(rotation('run-c'));
  await scene.seal();
  const objects = await objectsOf(scene);
  const tile = [...objects.keys()].find((key) => key.startsWith('tile/0/') && key.endsWith('.p/45')) ?? '';
  const bytes = Buffer.from(objects.get(tile) ?? []);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  for (const served of [
    new Map(objects).set(tile, bytes),
    new Map([...objects].filter(([key]) => key !== tile)),
  ]) {
    expect(await witness({ ...deps, ledger: over(served) })).toMatchObject({
      size: 30,
      alarms: [{ kind: 'fork' }],
    });
  }
});

it('alarms on a gap: what comes next does not follow, or the sealer says it is further than can be found', async () => {
  const { scene, deps } = await begun();
  await witness(deps);
  await scene.write(rotation('run-c'));
  await scene.seal();
  scene.clock += 120_000;
  await scene.seal();
  const objects = await objectsOf(scene);
  const hidden = new Map([...objects].filter(([key]) => key !== 'leaves/000000000030'));
  expect((await witness({ ...deps, ledger: over(hidden) })).alarms).toMatchObject([
    { kind: 'gap', sentence: expect.stringContaining('the sealer was at 45 leaves') },
  ]);
  const forged = new Map(objects).set(checkpointKey(45), Buffer.from('{}\nAAAA\n'));
  expect((await witness({ ...deps, ledger: over(forged) })).alarms).toMatchObject([{ kind: 'gap' }]);
});

it('alarms on silence longer than 5 minutes, and not while a sealer with nothing to seal gives its pulse', async () => {
  const { scene, deps } = await begun();
  await witness(deps);
  for (let minute = 0; minute < 12; minute += 1) {
    scene.clock += 60_000;
    await seal(scene.deps);
    expect((await witness(deps)).alarms).toEqual([]);
  }
  scene.clock += 8 * 60_000;
  expect((await witness(deps)).alarms).toMatchObject([{ kind: 'silence' }]);
  await seal(scene.deps);
  expect((await witness(deps)).alarms).toEqual([]);
});

it('alarms when it never heard of the sealer at all', async () => {
  const scene = ledgerScene();
  const { alarms } = await witness(witnessOf(scene));
  expect(alarms).toMatchObject([{ kind: 'silence', sentence: expect.stringContaining('never heard of') }]);
});

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { verifyEvidence, type VerifyOptions } from '../../apps/cli/commands/evidence-verify';
import { bundleFiles } from '../../core/ledger/bundle-files';
import { storeSource } from '../../core/ledger/store-source';
import { witness } from '../../lambdas/steps/witness/run';
import { LEDGER_ID, START } from '../support/chains';
import { gapless, projectFolder, removeProject } from '../support/cli';
import { rotationGroups, witnessKeys, witnessOf } from '../support/ledger-bundle';
import { ledgerScene, sealerKeys } from '../support/ledger-scene';

/** An auditor's own folder: a bundle and an older one, the pins, what others keep, and what was verified earlier. */
let folder: string;
const at = (...parts: readonly string[]) => path.join(folder, ...parts);
const FIRST = 'checkpoint/000000000030';
const LAST = 'checkpoint/000000000060';

beforeAll(async () => {
  folder = projectFolder();
  const scene = ledgerScene();
  const watcher = witnessOf(scene);
  const source = storeSource({ sealed: scene.sealed, evidence: scene.evidence, index: scene.deps.index });
  for (const [group, name] of [
    [0, 'older'],
    [1, 'bundle'],
  ] as const) {
    await scene.write(...(rotationGroups(2, 2)[group] ?? []));
    await scene.seal();
    await witness(watcher);
    scene.clock += 60_000;
    const about = {
      origin: LEDGER_ID,
      scope: { kind: 'ledger' },
      madeAt: START,
      witness: watcher.own,
    } as const;
    for await (const file of bundleFiles(source, about)) write(name, file.path, file.bytes);
  }
  for (const part of ['checkpoint', 'witness'])
    cpSync(at('bundle', part), at('kept', part), { recursive: true });
  const pem = { type: 'spki', format: 'pem' } as const;
  writeFileSync(at('ledger.pem'), sealerKeys.publicKey.export(pem));
  writeFileSync(at('witness.pem'), witnessKeys.publicKey.export(pem));
  writeFileSync(
    at('seen.json'),
    (await verified('bundle', { speech: { format: 'json', messages: 'shown' } })).text,
  );
});
afterAll(() => removeProject(folder));

function write(root: string, name: string, bytes: Uint8Array): void {
  mkdirSync(path.dirname(at(root, name)), { recursive: true });
  writeFileSync(at(root, name), bytes);
}

/** What the command wrote for scripts or people, and how it ended. */
async function verified(bundle: string, options: Partial<VerifyOptions> = {}) {
  const lines: string[] = [];
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    const code = await verifyEvidence({
      folder,
      speech: { format: 'text', messages: 'quiet' },
      bundle: at(bundle),
      origin: LEDGER_ID,
      key: at('ledger.pem'),
      runId: undefined,
      since: undefined,
      until: undefined,
      copies: [],
      witness: undefined,
      witnessKey: undefined,
      seen: [],
      now: Date.parse(START),
      ...options,
    });
    return { code, text: lines.join('') };
  } finally {
    spy.mockRestore();
  }
}

function version(Key: string, VersionId: string, minute: number) {
  return { Key, VersionId, LastModified: `2026-11-01T00:0${minute}:00.000Z` };
}

describe('a bundle', () => {
  it('agrees with a write-once copy, the countersignatures in it, and what was verified before', async () => {
    const pins = ['--origin', LEDGER_ID, '--key', at('ledger.pem')];
    const kept = ['--copy', at('kept'), '--witness-key', at('witness.pem')];
    const seen = ['--seen', at('seen.json'), '--seen', at('older')];
    const flags = ['--bundle', at('bundle'), ...pins, ...kept, ...seen];
    const { code, stdout } = await gapless(['evidence', 'verify', ...flags], folder);
    expect(stdout).toContain(`copy ${at('kept')}: has the very same checkpoints up to 60 records`);
    expect(stdout).toContain('witness: has the very same checkpoints up to 60 records');
    expect(code).toBe(0);
  }, 60_000);

  it.each([
    ['a copy that holds a later checkpoint', () => ({ copies: [at('kept')] })],
    ['a witness that signed a later one', () => ({ witness: at('kept'), witnessKey: at('witness.pem') })],
    ['the result of an earlier verification', () => ({ seen: [at('seen.json')] })],
    ['a checkpoint that was kept', () => ({ seen: [at('kept', LAST)] })],
    ['a bundle that was kept', () => ({ seen: [at('bundle')] })],
  ])('that was rolled back is found by %s, and by nothing in itself', async (_what, kept) => {
    expect(await verified('older')).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^verified: 30 of 30/),
    });
    const { code, text } = await verified('older', kept());
    expect([code, text]).toEqual([7, expect.stringMatching(`^broken at ${LAST}: expected`)]);
  });

  it('is compared with the first version of a copy, and what was laid over it is told', async () => {
    cpSync(at('kept'), at('laid-over'), { recursive: true });
    rmSync(at('laid-over', FIRST));
    writeFileSync(at('laid-over', `${FIRST}@one`), readFileSync(at('kept', FIRST)));
    writeFileSync(at('laid-over', `${FIRST}@two`), 'something else');
    const listing = (oldest: string, later: string) =>
      JSON.stringify({
        Versions: [version(FIRST, later, 2), version(FIRST, oldest, 0), version(LAST, 'only', 1)],
        DeleteMarkers: [version(FIRST, 'marker', 3)],
      });
    writeFileSync(at('laid-over', 'versions.json'), listing('one', 'two'));
    const { code, text } = await verified('bundle', { copies: [at('laid-over')] });
    expect(text).toContain(`${FIRST} has 1 later versions and 1 delete markers`);
    expect(code).toBe(0);
    writeFileSync(at('laid-over', 'versions.json'), listing('two', 'one'));
    expect((await verified('bundle', { copies: [at('laid-over')] })).code).toBe(7);
  });

  it.each([
    ['a copy', () => ({ copies: [at('emptied')] })],
    ['a place of countersignatures', () => ({ witness: at('emptied'), witnessKey: at('witness.pem') })],
  ])(
    'that is compared with %s that holds nothing agrees with nobody, and is no success',
    async (_what, kept) => {
      mkdirSync(at('emptied'), { recursive: true });
      expect(await verified('bundle', kept())).toMatchObject({
        code: 4,
        text: expect.stringContaining('holds no checkpoint yet'),
      });
    },
  );

  it('of a ledger without a checkpoint verifies nothing, and is no success', async () => {
    const { sealed, evidence, deps } = ledgerScene();
    const about = {
      origin: LEDGER_ID,
      scope: { kind: 'ledger' },
      madeAt: START,
      witness: undefined,
    } as const;
    for await (const file of bundleFiles(storeSource({ sealed, evidence, index: deps.index }), about))
      write('nothing', file.path, file.bytes);
    const { code, text } = await verified('nothing', { speech: { format: 'json', messages: 'quiet' } });
    expect([code, JSON.parse(text)]).toMatchObject([4, { verified: false, size: 0 }]);
  });

  it.each([
    ['a copy that is not there', () => ({ copies: [at('nowhere')] })],
    ['countersignatures without a key to check them with', () => ({ witness: at('kept') })],
    ['something seen that is no checkpoint', () => ({ seen: [at('ledger.pem')] })],
    ['something seen of another ledger', () => ({ seen: [at('seen.json')], origin: 'another' })],
    ['anything at all without pins', () => ({ copies: [at('kept')], origin: undefined, key: undefined })],
  ])('is not verified against %s', async (_what, flags) => {
    await expect(verified('bundle', flags())).rejects.toMatchObject({
      name: 'Exit',
      message: expect.stringContaining('Nothing was verified'),
    });
  });
});

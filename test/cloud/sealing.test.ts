import path from 'node:path';
import * as z from 'zod/mini';
import { launch, projectFolder, removeProject, type Ended } from '../support/cli';
import { deployedApp, until } from './deployed-app';

const app = deployedApp();
const auditor = projectFolder();
beforeAll(async () => app.enrolled());
afterAll(async () => {
  app.close();
  await removeProject(auditor);
});

/** What docs/deploy.md says to set, from the outputs of the stacks. */
const variables = {
  GAPLESS_EVIDENCE_TABLE: app.output('EvidenceTable'),
  GAPLESS_REGISTRY_TABLE: app.output('RegistryTable'),
  GAPLESS_LEDGER_ID: app.output('LedgerId'),
  GAPLESS_SEALED_BUCKET: app.output('ListsBucket'),
  GAPLESS_SIGNING_KEY: app.output('SigningKey'),
};

async function gapless(...args: readonly string[]): Promise<Ended> {
  return launch('gapless.js', args, auditor, { ...variables, ...app.settings }).ended;
}

const records = z.object({ records: z.number() });

describe('what the deployed schedule sealed', () => {
  it('is signed by the key in KMS, and verified with the pinned origin and public key', async () => {
    const key = path.join(auditor, 'ledger.pem');
    expect(await gapless('evidence', 'key', '--out', key)).toMatchObject({ code: 0 });
    const { sealed } = app.cast;
    const runId = 'a-run-to-seal';
    await app.start('Rotation', runId, { identityId: sealed.id, reason: 'a test' });
    expect(await app.ended('Rotation', runId)).toEqual({ status: 'SUCCEEDED' });
    const pins = ['--origin', variables.GAPLESS_LEDGER_ID, '--key', key, '--json'];
    const chains = await Promise.all([app.evidence.read('RUN', runId), app.evidence.read('PROOF', runId)]);
    const all = chains.flat().length;
    const { stdout } = await until(
      async () => gapless('evidence', 'verify', runId, ...pins),
      (told) => told.code === 0 && records.parse(JSON.parse(told.stdout)).records === all,
    );
    expect(JSON.parse(stdout)).toMatchObject({ verified: true, origin: variables.GAPLESS_LEDGER_ID });
    expect(all).toBeGreaterThan(10);
  });
});

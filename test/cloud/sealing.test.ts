import path from 'node:path';
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

describe('what the deployed schedule sealed', () => {
  it('is signed by the key in KMS, and verified with the pinned origin and public key', async () => {
    const key = path.join(auditor, 'ledger.pem');
    expect(await gapless('evidence', 'key', '--out', key)).toMatchObject({ code: 0 });
    const { sealed } = app.cast;
    const runId = 'a-run-to-seal';
    await app.start('Rotation', runId, { identityId: sealed.id, reason: 'a test' });
    expect(await app.ended('Rotation', runId)).toEqual({ status: 'SUCCEEDED' });
    const pins = ['--origin', variables.GAPLESS_LEDGER_ID, '--key', key, '--json'];
    const verified = await until(
      async () => gapless('evidence', 'verify', runId, ...pins),
      ({ code }) => code === 0,
    );
    expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, runsClosed: expect.any(Number) });
  });
});

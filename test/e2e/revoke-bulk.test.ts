import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { gapless, projectFolder, removeProject } from '../support/cli';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';

quietSteps();

let server: TestPostgres;
let identities: readonly SeededIdentity[];
let cloud: GaplessCloud;
let folder: string;

beforeAll(async () => {
  server = await testPostgres();
  identities = [
    await seedIdentity(server, { id: 'first-db', strategy: 'alternating' }),
    await seedIdentity(server, { id: 'second-db', strategy: 'in-place' }),
  ];
  cloud = await gaplessCloud(identities);
  folder = projectFolder();
  publish(folder, deploymentOf(cloud.engine, { evidence: 'GaplessEvidence', workflow: 'GaplessWorkflow' }));
}, 300_000);
afterAll(async () => {
  await cloud?.remove();
  await removeProject(folder);
  await server?.stop();
});

const revoke = (...more: readonly string[]) =>
  gapless(['revoke', '--kind', 'postgres-role', '--reason', 'a laptop was lost', ...more], folder);

async function answers(): Promise<readonly string[]> {
  return Promise.all(
    identities.map(async ({ secret, secrets }) => {
      const material = secrets[secret]?.material;
      return material ? login(server, material) : 'no material';
    }),
  );
}

describe('gapless revoke of a selection', () => {
  it('lists with --dry-run who would be revoked, and touches nobody', async () => {
    const before = await answers();
    const { code, stdout, stderr } = await revoke('--dry-run');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/2 identities are meant.*to be revoked:.*first-db.*second-db/s);
    expect(await answers()).toEqual(before);
    expect(before).not.toContain('28P01');
  }, 120_000);

  it('wants the number of identities, and changes nothing without it', async () => {
    const { code, stderr } = await revoke('--confirm', '3');
    expect(code).toBe(2);
    expect(stderr).toContain('--confirm: got "3", want what is to be revoked, "2". Nothing was changed.');
    expect(await answers()).not.toContain('28P01');
  }, 120_000);

  it('says what there is to select when a selection means nobody', async () => {
    const { code, stderr } = await gapless(
      ['revoke', '--owner', 'nobody', '--reason', 'a laptop was lost', '--dry-run'],
      folder,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/no identity has owner "nobody"; there are: .*Nothing was changed/);
  }, 120_000);

  it('revokes them all and prints what became of each, with its run', async () => {
    const { code, stdout, stderr } = await revoke('--confirm', '2', '--json');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'bulk',
      outcome: 'verified',
      census: { asked: 2, done: 2, failed: 0, skipped: 0, unknown: 0 },
      runs: [
        { identityId: 'first-db', outcome: 'verified', runId: expect.stringMatching(/^[0-9a-f]{40}$/) },
        { identityId: 'second-db', outcome: 'verified', runId: expect.stringMatching(/^[0-9a-f]{40}$/) },
      ],
    });
    expect(await answers()).toEqual(['28P01', '28P01']);
  }, 120_000);
});

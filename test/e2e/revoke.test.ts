import * as z from 'zod/mini';
import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { gapless, launch, projectFolder, removeProject, type Ended, type Running } from '../support/cli';
import { eventually } from '../support/eventually';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';

quietSteps();

const document = z.looseObject({
  schemaVersion: z.literal(1),
  runId: z.string(),
  outcome: z.string(),
  transitions: z.number(),
  stages: z.array(z.looseObject({ name: z.string() })),
});

let server: TestPostgres;
let leaked: SeededIdentity;
let owned: SeededIdentity;
let left: SeededIdentity;
let again: SeededIdentity;
let away: SeededIdentity;
let cloud: GaplessCloud;
let folder: string;

beforeAll(async () => {
  server = await testPostgres();
  const seeded = (id: string, port?: number) =>
    seedIdentity(server, { id, strategy: 'alternating', ...(port !== undefined && { port }) });
  leaked = await seeded('leaked-db');
  owned = await seeded('owned-db');
  left = await seeded('left-db');
  again = await seeded('again-db');
  // Nothing listens on port 1.
  away = await seeded('away-db', 1);
  cloud = await gaplessCloud([leaked, owned, left, again, away]);
  folder = projectFolder();
  publish(folder, deploymentOf(cloud.engine, { evidence: 'GaplessEvidence', workflow: 'GaplessWorkflow' }));
}, 300_000);
afterAll(async () => {
  await cloud?.remove();
  await removeProject(folder);
  await server?.stop();
});

function revoke({ id }: SeededIdentity, ...more: readonly string[]): Promise<Ended> {
  return gapless(
    ['revoke', id, '--reason', 'its key was found', '--actor', 'ada', '--confirm', id, ...more],
    folder,
  );
}

/** The approval that a run on this identity waits for. */
async function waitingFor(identityId: string): Promise<string> {
  const waiting = await eventually(
    async () => (await cloud.registry.pendingApprovals(10)).find((each) => each.identityId === identityId),
    (found) => found !== undefined,
    60_000,
  );
  return waiting?.approvalId ?? '';
}

/** Revokes an identity whose target does not answer, without waiting for the end. */
function revokeAway(): Running {
  return launch(
    'gapless.js',
    ['revoke', 'away-db', '--reason', 'its key was found', '--confirm', 'away-db'],
    folder,
  );
}

function materialOf({ secret, secrets }: SeededIdentity) {
  const material = secrets[secret]?.material;
  if (!material) throw new Error(`no material in ${secret}`);
  return material;
}

describe('gapless revoke', () => {
  it('ends 0 once every credential is seen refused, with the clock against the deadline', async () => {
    const open = materialOf(leaked);
    const [user = '', password = '', database = ''] = ['username', 'password', 'dbname'].map((name) =>
      open.reveal(name),
    );
    for (let session = 0; session < 3; session += 1) await server.open({ user, password, database });
    const { code, stdout, stderr } = await revoke(leaked, '--json');
    const told = document.parse(JSON.parse(stdout));
    expect(told).toMatchObject({
      kind: 'revocation',
      identity: 'leaked-db',
      outcome: 'verified',
      proofLevel: 'L4',
      transitions: 7,
      deadline: { withinSeconds: 300, tookSeconds: expect.any(Number), kept: true },
      sessions: { before: 3, after: 0 },
      requestedAt: expect.any(String),
      containedAt: expect.any(String),
      firstRefusedAt: expect.any(String),
      sessionsZeroAt: expect.any(String),
      credentials: [{ remoteId: 'leaked_db_a', answer: 'refused', finding: 'proven' }],
      causeCode: null,
    });
    expect(code).toBe(0);
    expect(stderr).toContain('emergency revocation');
    expect(stderr).toMatch(/leaked_db_a \(version [0-9a-f]{8}\).*3 sessions ended/);
    expect(await login(server, open)).toBe('28P01');
  }, 120_000);

  it('shows a removal that cannot complete, which stays owed', async () => {
    await server.sql('CREATE TABLE mine (); ALTER TABLE mine OWNER TO owned_db_a', [], 'owned_db');
    const { code, stdout } = await revoke(owned);
    expect(stdout).toContain('a removal stays owed: role owned_db_a owns or holds rights on');
    expect(stdout).toMatch(/deadline +5 m, .+ used: kept/);
    expect(stdout).toContain('verified at L4');
    expect(code).toBe(0);
    const owed = await gapless(['obligations', '--identity', 'owned-db', '--json'], folder);
    expect(JSON.parse(owed.stdout)).toMatchObject({
      overdue: 0,
      obligations: [{ type: 'removal', by: 'revocation', remoteId: 'owned_db_a', deadline: null }],
    });
    expect(owed.code).toBe(0);
  }, 120_000);

  it('leaves the run to itself with --no-wait, and tells its id', async () => {
    const { code, stdout } = await revoke(left, '--no-wait', '--json');
    expect({ code, told: JSON.parse(stdout) }).toMatchObject({ code: 0, told: { outcome: 'open' } });
    const { runId } = z.object({ runId: z.string() }).parse(JSON.parse(stdout));
    expect(await cloud.ended('Revocation', runId)).toMatchObject({ status: 'SUCCEEDED' });
  }, 120_000);

  it('ends 6 when the target is away, and says what stays owed', async () => {
    const running = revokeAway();
    await running.says('✓ Open');
    const [run] = await cloud.registry.runs({ identityId: 'away-db', limit: 1 });
    await cloud.ended('Revocation', run?.runId ?? '');
    const { code, stdout, stderr } = await running.ended;
    expect(stdout).toContain('revoke-pending at L0');
    expect(stderr).toMatch(/TargetUnreachable: .+\n.*away-db is not proven revoked\. Still owed/);
    expect(stderr).toContain('npx gapless obligations --identity away-db');
    expect(code).toBe(6);
  }, 180_000);

  it('leaves the run on Ctrl-C, with its id', async () => {
    const running = revokeAway();
    await running.says('✓ Open');
    running.interrupt();
    const { code, stderr } = await running.ended;
    expect({ code, left: /Left run [0-9a-f]{32} to itself; it goes on/.test(stderr) }).toEqual({
      code: 130,
      left: true,
    });
  }, 120_000);

  it('ends 2 for an identity nobody enrolled, and changes nothing', async () => {
    const args = ['revoke', 'no-such-db', '--reason', 'its key was found', '--confirm', 'no-such-db'];
    const { code, stdout, stderr } = await gapless(args, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/got "no-such-db".*enrolled are again-db, away-db, leaked-db/);
  });
});

describe('what a revocation leaves', () => {
  it('is told by runs and doctor', async () => {
    const runs = await gapless(['runs', '--identity', 'leaked-db', '--json'], folder);
    expect(JSON.parse(runs.stdout)).toMatchObject({
      runs: [{ kind: 'revocation', outcome: 'verified' }],
      revoked: { runId: expect.any(String) },
    });
    const { stdout } = await gapless(['doctor', '--json'], folder);
    expect(stdout).toContain('leaked-db since ');
  }, 60_000);

  it('makes a new credential only when another person approves it: a reissue that is denied ends 5', async () => {
    const [run] = await cloud.registry.runs({ identityId: 'leaked-db', limit: 1 });
    const args = ['rotate', 'leaked-db', '--reissue', run?.runId ?? '', '--reason', 'it is needed'];
    const reissue = launch('gapless.js', [...args, '--actor', 'ada'], folder);
    await gapless(['deny', await waitingFor('leaked-db'), '--as', 'bob', '--reason', 'not yet'], folder);
    const { code, stderr } = await reissue.ended;
    expect(stderr).toContain('NotApproved');
    expect(code).toBe(5);
    expect(await login(server, materialOf(leaked))).toBe('28P01');
  }, 120_000);

  it('lets a new credential follow with --reissue, once another person approves it', async () => {
    expect(await revoke(again, '--reissue')).toMatchObject({ code: 0 });
    expect(await login(server, materialOf(again))).toBe('28P01');
    expect((await cloud.registry.identity(again.id))?.revoked).toBeDefined();
    await gapless(['approve', await waitingFor(again.id), '--as', 'bob'], folder);
    const row = await eventually(
      async () => cloud.registry.identity(again.id),
      (found) => found !== undefined && found.revoked === undefined && found.lease === undefined,
      60_000,
    );
    expect(row?.versions.map(({ stage }) => stage)).toContain('AWSCURRENT');
    expect(await login(server, (await cloud.vault.readCurrent(again.secret)).material)).toBe('accepted');
    expect(await login(server, materialOf(again))).toBe('28P01');
    expect(await cloud.registry.obligationsOf(again.id)).toEqual([]);
  }, 180_000);
});

describe('gapless obligations', () => {
  it('shows what a target that is away owes, with its clock, and ends 4 once that is overdue', async () => {
    const runs = await cloud.registry.runs({ identityId: 'away-db', limit: 20 });
    const run = runs.find(({ kind }) => kind === 'revocation');
    await cloud.ended('Revocation', run?.runId ?? '');
    const early = await gapless(['obligations', '--json'], folder);
    expect(early.code).toBe(0);
    await cloud.engine.advance(10 * 60_000);
    const late = await gapless(['obligations', '--identity', 'away-db'], folder);
    expect(late.stdout).toMatch(/away-db +refusal .+ revocation .+ overdue by \d+ m/);
    expect(late.code).toBe(4);
  }, 120_000);

  it('says that nothing is owed', async () => {
    const { code, stdout, stderr } = await gapless(['obligations', '--identity', 'leaked-db'], folder);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('Nothing is owed by leaked-db');
  });
});

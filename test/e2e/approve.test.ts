import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { approvalIdOf } from '../../core/approval/request';
import { Material } from '../../core/material';
import { stackNames } from '../../lib/app';
import { gapless, launch, projectFolder, removeProject } from '../support/cli';
import { eventually } from '../support/eventually';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { unreachedPolicy } from '../support/unreached-policy';

let folder: string;
let cloud: GaplessCloud;

beforeAll(async () => {
  const policy = { ...unreachedPolicy('orders-db'), approval: { rotation: 'required' } };
  const material = new Material({ username: 'orders_app', password: 'never used' });
  const secrets = { [policy.secret]: { use: 'identity', material } } as const;
  const { id } = policy;
  cloud = await gaplessCloud([{ id, policy, secrets }]);
  folder = projectFolder();
  publish(folder, deploymentOf(cloud.engine, stackNames));
}, 120_000);
afterAll(async () => {
  await cloud.remove();
  await removeProject(folder);
});

/** A rotation that `alice` says she asks for, as far as its approval. */
async function asked(runId: string): Promise<string> {
  await cloud.start('Rotation', runId, { identityId: 'orders-db', reason: 'a test', actor: 'alice' });
  const approvalId = approvalIdOf(runId);
  await eventually(
    async () => cloud.registry.approval(approvalId),
    (there) => there !== undefined,
  );
  return approvalId;
}

const json = ({ stdout }: { readonly stdout: string }): unknown => JSON.parse(stdout);

describe('gapless approvals, approve, deny', () => {
  it('let another person see the request and deny it, and say so with exit code 0', async () => {
    const approvalId = await asked('denied-run');
    const listed = await gapless(['approvals', '--as', 'bob', '--json'], folder);
    expect(listed).toMatchObject({ code: 0, stderr: expect.stringContaining('1 wait') });
    expect(json(listed)).toMatchObject({ schemaVersion: 1, approvals: [{ approvalId }] });
    const shown = await gapless(['approvals', approvalId, '--as', 'bob'], folder);
    expect(shown.stdout).toMatch(/identityId +orders-db\n/);
    expect(shown.stdout).toMatch(/requester +alice \(claimed\)\n/);
    const denied = await gapless(
      ['deny', approvalId, '--as', 'bob', '--reason', 'not now', '--json'],
      folder,
    );
    expect(denied.code).toBe(0);
    expect(json(denied)).toMatchObject({ decision: { verdict: 'denied', reason: 'not now' } });
    expect(await cloud.ended('Rotation', 'denied-run')).toMatchObject({ error: 'NotApproved' });
  }, 120_000);

  it('refuse the person who asked, an edited request and a second decision with exit code 5', async () => {
    const approvalId = await asked('approved-run');
    const approve = (...flags: readonly string[]) => gapless(['approve', approvalId, ...flags], folder);
    const own = await approve('--as', 'alice');
    expect(own.code).toBe(5);
    expect(own.stderr).toMatch(/gapless: SelfApproval: .*Nothing was changed/);
    const edited = await approve('--as', 'bob', '--sha256', '0'.repeat(64));
    expect(edited).toMatchObject({ code: 5, stderr: expect.stringContaining('not the one that was seen') });
    expect(await approve('--as', 'bob')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/approved by AROA[0-9A-F]+:bob/),
    });
    expect(await approve('--as', 'bob')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('AlreadyDecided'),
    });
  }, 120_000);

  it('let a rotation that was asked for here wait for another person, and end with exit code 5 when it is denied', async () => {
    const rotation = launch(
      'gapless.js',
      ['rotate', 'orders-db', '--reason', 'a test', '--actor', 'alice'],
      folder,
    );
    const [waiting] = await eventually(
      async () => cloud.registry.pendingApprovals(1),
      (found) => found.length > 0,
      60_000,
    );
    expect(waiting?.requester).toMatchObject({
      actor: { assurance: 'verified' },
      principal: { sessionName: 'alice' },
    });
    await rotation.says(`npx gapless approvals ${waiting?.approvalId ?? ''}`);
    const deny = ['deny', waiting?.approvalId ?? '', '--as', 'bob', '--reason', 'not now'];
    expect(await gapless(deny, folder)).toMatchObject({ code: 0 });
    await cloud.ended('Rotation', waiting?.runId ?? '');
    expect(await rotation.ended).toMatchObject({ code: 5, stderr: expect.stringContaining('NotApproved') });
  }, 120_000);

  it('end with exit code 2 for what is not there, and name what is', async () => {
    const unknown = await gapless(['approve', 'f'.repeat(40), '--as', 'bob'], folder);
    expect(unknown).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('ApprovalUnknown'),
    });
    const review = ['review', 'no-such-run', '--note', 'looked', '--as', 'bob', '--verdict'];
    expect(await gapless([...review, 'justified'], folder)).toMatchObject({ code: 2 });
    const wrong = await gapless([...review, 'fine'], folder);
    expect(wrong.stderr).toContain('--verdict: got "fine", want justified or unjustified');
    const name = await gapless(['approvals', '--as', 'b b'], folder);
    expect(name).toMatchObject({ code: 2, stderr: expect.stringContaining('--as: got "b b"') });
  }, 120_000);
});

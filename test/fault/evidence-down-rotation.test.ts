import { login, violations } from '../support/oracle';
import { outageScene, type OutageScene } from '../support/outage';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const NEVER = Number.POSITIVE_INFINITY;
/** What changes something at a target. The kind that is rotated here draws its candidates itself: minting one asks nobody. */
const CHANGES = ['apply', 'suspend', 'resume', 'revoke', 'endSessions', 'block', 'unblock'];

async function rotated({ app, identity }: OutageScene): Promise<Record<string, unknown>> {
  return app.passing(app.run('Rotation', 'the-run', { identityId: identity.id, reason: 'a test' }));
}

/** Changes at the target after the table refused for the first time. */
function changesAfterRefusal(calls: readonly string[]): readonly string[] {
  const refused = calls.indexOf('evidence refused');
  if (refused < 0) return ['nothing was refused'];
  return calls.slice(refused).filter((call) => CHANGES.some((name) => call === `target.${name}`));
}

async function look(scene: OutageScene): Promise<void> {
  await scene.app.clock.advance(10 * 60_000);
  await scene.app.passing(scene.settle());
}

async function quiescent(scene: OutageScene): Promise<void> {
  const { registry } = scene.app.deps;
  for (let looks = 0; looks < 20; looks += 1) {
    await look(scene);
    const owed = await registry.obligationsOf(scene.identity.id);
    if (owed.length === 0 && (await registry.openRuns()).length === 0) return;
  }
}

async function trial(extent: 'writes' | 'everything', from: number): Promise<readonly string[]> {
  const id = `closed-${extent}-${from}`;
  const scene = await outageScene(server, { id, strategy: 'alternating' }, { extent, from, until: NEVER });
  const { app, identity } = scene;
  const found: string[] = [];
  const ended = await rotated(scene);
  if (ended['status'] !== 'FAILED') found.push(`the execution ended ${String(ended['status'])}`);
  await look(scene);
  found.push(...changesAfterRefusal(scene.calls).map((call) => `${call} after evidence was refused`));
  if ((await app.deps.spill.waiting()).length > 0) found.push('a rotation wrote into the spill');
  const { current } = await app.vault.labels(identity.secret);
  const material = current === undefined ? undefined : await app.vault.read(identity.secret, current);
  const answer = material && (await login(server, material));
  if (answer !== 'accepted') found.push(`the credential in force is answered ${answer}`);
  scene.recover();
  await quiescent(scene);
  found.push(...(await violations(app.deps, server, identity)));
  await app.stop();
  return found;
}

// A table that answers nothing ends a rotation as one that takes no write does, so it is met at every third put.
it.each([
  { extent: 'writes', stride: 1 },
  { extent: 'everything', stride: 3 },
] as const)(
  'a rotation whose evidence table fails ($extent) changes nothing at the target from there on, at each stage',
  async ({ extent, stride }) => {
    const outage = { extent, from: NEVER, until: NEVER } as const;
    const counting = await outageScene(server, { id: `all-${extent}`, strategy: 'alternating' }, outage);
    expect(await rotated(counting)).toMatchObject({ status: 'SUCCEEDED' });
    const puts = counting.puts();
    await counting.app.stop();
    const found: string[] = [];
    for (let from = 1; from <= puts; from += stride)
      found.push(...(await trial(extent, from)).map((each) => `down from put ${from}: ${each}`));
    process.stdout.write(
      `${extent}: ${puts} puts of evidence, one of ${stride} refused in a rotation of its own\n`,
    );
    expect(found).toEqual([]);
  },
  600_000,
);

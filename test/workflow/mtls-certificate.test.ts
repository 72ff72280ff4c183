import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { connector } from '../../connectors/mtls-certificate';
import type { RecordOf } from '../../core/evidence/record';
import type { Material } from '../../core/material';
import { storyOf } from '../../lambdas/steps/heads';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { sharedAssembly } from '../support/assembly';
import { inTest, storeFirst } from '../support/first-secrets';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { mtlsIdentity, type MtlsIdentity } from '../../apps/local/target/mtls/identity';
import { greet, type MtlsEndpoint, startMtlsEndpoint } from '../../apps/local/target/mtls/start';
import { quietSteps } from '../support/quiet';

quietSteps();

const DELAY_MS = 1_000;

let endpoint: MtlsEndpoint;
beforeAll(async () => {
  endpoint = await startMtlsEndpoint();
  await sharedAssembly();
}, 120_000);
const scenes: Scene[] = [];
afterEach(async () => {
  for (const { app, held } of scenes.splice(0)) {
    for (const socket of held) socket.destroy();
    await app.stop();
  }
});
afterAll(async () => endpoint.stop());

interface Scene {
  readonly app: MemoryApp;
  readonly identity: MtlsIdentity;
  /** Connections of a workload that opened them with the first pair and never looks at the vault. */
  readonly held: readonly TLSSocket[];
}

async function scene(id: string, pace: object = {}): Promise<Scene> {
  await endpoint.turn({ tickets: 'changed', reloadDelayMs: 0 });
  const identity = await mtlsIdentity(endpoint, inTest(id), { periodMs: 20, ...pace });
  const app = await memoryApp([identity.policy], (deps) => ({
    deps: { ...deps, connector, sleep: async (ms) => deps.sleep(Math.min(ms, 50)) },
    died: new Promise(() => undefined),
  }));
  storeFirst(app.vault, identity.secrets);
  await enrol(app.deps);
  const open = async () => endpoint.open(identity.first);
  const made = { app, identity, held: [await open(), await open(), await open()] };
  scenes.push(made);
  return made;
}

async function run({ app, identity }: Scene, machine: 'Rotation' | 'Revocation', name: string) {
  const input = { identityId: identity.id, reason: 'a test' };
  await app.passing(app.run(machine, name, input));
  return { summary: await app.deps.registry.summary(name), ...(await storyOf(app.deps.evidence, name)) };
}

async function current({ app, identity }: Scene): Promise<Material> {
  const { current: id = '' } = await app.vault.labels(identity.policy.secret);
  const material = await app.vault.read(identity.policy.secret, id);
  if (!material) throw new Error('the vault has no current version');
  return material;
}

const answers = async ({ held }: Scene) =>
  (await Promise.all(held.map(async (socket) => greet(socket)))).map((answer) => answer.split('\r\n', 1)[0]);

type Judged = RecordOf<'Judged'>;

it('a rotation: the new pair is served, the old one refused, its connections 0, and the evidence says L4', async () => {
  const that = await scene('mtls-rotated');
  expect(await answers(that)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
  const { summary, proof } = await run(that, 'Rotation', 'rotation');
  expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });

  const next = await current(that);
  const shown = new X509Certificate(next.reveal('serverCertificate') ?? '').fingerprint256;
  const fresh = await endpoint.open(next);
  expect(fresh.getPeerX509Certificate()?.fingerprint256).toBe(shown);
  expect(await greet(fresh)).toContain(' 200 ');
  fresh.destroy();
  expect(await answers(that)).toEqual(['closed', 'closed', 'closed']);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { minVersion: version, maxVersion: version };
    expect(await endpoint.whoami(that.identity.first, options)).toBe(401);
    expect(await endpoint.whoami(next, options)).toBe(200);
  }

  const judged = proof.find((each): each is Judged => each.type === 'Judged' && each.stage === 'ProveOld');
  expect(judged).toMatchObject({ finding: 'proven', sessions: { after: 0, method: 'counted' } });
  expect(
    judged?.observed.map(({ operation, verdict, rawCode }) => [operation, verdict.state, rawCode]),
  ).toEqual([
    ['new', 'accepted', 'HTTP 200'],
    ['old', 'refused', 'HTTP 401 certificate_revoked'],
    ['random', 'refused', 'HTTP 401 unknown_ca'],
  ]);
});

it('an endpoint that takes a while to use a new list: verified all the same, and not before it did', async () => {
  const that = await scene('mtls-delayed', { propagationSeconds: 3 });
  await endpoint.turn({ reloadDelayMs: DELAY_MS });
  // The workload comes back as soon as it is cut off, with the pair it has, for as long as it is let in.
  const back = that.held.map(async (socket) => {
    await once(socket, 'close');
    return endpoint.open(that.identity.first);
  });
  const { summary, proof } = await run(that, 'Rotation', 'delayed');
  expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
  const answered = await Promise.all(back.map(async (socket) => greet(await socket)));
  expect(answered).toEqual(['closed', 'closed', 'closed']);
  expect(await endpoint.whoami(that.identity.first)).toBe(401);
  const judged = proof.find((each): each is Judged => each.type === 'Judged' && each.stage === 'ProveOld');
  expect(judged).toMatchObject({ finding: 'proven', sessions: { after: 0 } });
});

it('an endpoint that keeps its session tickets leaves the run owed, and Settle pays it once they end', async () => {
  const that = await scene('mtls-tickets');
  await endpoint.turn({ tickets: 'kept' });
  const { summary } = await run(that, 'Rotation', 'with-tickets');
  expect(summary).toMatchObject({ outcome: 'revoke-pending' });
  const owed = async () => that.app.deps.registry.obligationsOf(that.identity.id);
  expect(await owed()).toHaveLength(1);
  await endpoint.turn({ tickets: 'changed' });
  // The next change anywhere reloads the endpoint, and with it go the keys of its tickets.
  await run(await scene('mtls-neighbour'), 'Rotation', 'of-the-neighbour');
  for (let round = 0; round < 10 && (await owed()).length > 0; round += 1) {
    await that.app.clock.advance(10 * 60_000);
    await that.app.passing(that.app.settle());
  }
  expect(await owed()).toEqual([]);
});

it('an emergency revocation: every pair it ever had is refused, and its connections are closed', async () => {
  const that = await scene('mtls-leaked');
  await run(that, 'Rotation', 'before-the-leak');
  const leaked = await current(that);
  const socket = await endpoint.open(leaked);
  const { summary } = await run(that, 'Revocation', 'of-the-leak');
  expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
  expect(await endpoint.whoami(leaked)).toBe(401);
  expect(await endpoint.whoami(that.identity.first)).toBe(401);
  expect(await greet(socket)).toBe('closed');
});

import { createServer, type Server } from 'node:http';
import { oauthIdentity, type OAuthIdentity } from '../../apps/local/target/oauth/identity';
import { startOAuth, type Judging, type OAuthServers } from '../../apps/local/target/oauth/start';
import { startRunner, type Runner } from '../../apps/local/target/oauth/start-runner';
import { connector } from '../../connectors/oauth-client';
import { storyOf } from '../../lambdas/steps/heads';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { sharedAssembly } from '../support/assembly';
import { inTest, storeFirst } from '../support/first-secrets';
import { listenOnLoopback } from '../support/loopback';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-run';
const MINUTE_MS = 60_000;

let servers: OAuthServers;
beforeAll(async () => void (await sharedAssembly()), 120_000);
// Time never goes back: each test has servers of its own.
beforeEach(async () => {
  servers = await startOAuth();
}, 60_000);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  await servers.stop();
});

interface Scene {
  readonly app: MemoryApp;
  readonly identity: OAuthIdentity;
  readonly runner: Runner;
  /** A bearer token of the first client, as the runner has one in memory. */
  readonly cached: string;
}

let serial = 0;

/** One identity, a runner that works with a cached token, and an app whose time the two servers share. */
async function scene(judging: Judging, onReload: 'obey' | 'ignore' = 'obey', changes = {}): Promise<Scene> {
  serial += 1;
  const id = `runner-${serial}`;
  const holder: { app?: MemoryApp; identity?: OAuthIdentity } = {};
  const vault = createServer((_request, response) => {
    void current(holder).then((secret) => response.end(JSON.stringify(secret)));
  });
  const secretUrl = `http://127.0.0.1:${await listenOnLoopback(vault)}`;
  endings.push(async () => closed(vault));
  // The runner starts on a secret; the policy names the runner: so the secret's window opens first.
  const first = await oauthIdentity(servers, inTest(id, '1h'), judging, { changes });
  const opening = await memoryApp([first.policy]);
  storeFirst(opening.vault, first.secrets);
  Object.assign(holder, { app: opening, identity: first });
  const runner = await startRunner(servers, judging, secretUrl, onReload);
  endings.push(async () => runner.stop());
  const policy = { ...first.policy, consumers: [consumer(runner)] };
  const identity = { ...first, policy };
  const app = await memoryApp([policy], (deps) => ({
    deps: { ...deps, connector: timed(() => app), sleep: async (ms) => app.clock.advance(ms) },
    died: new Promise(() => undefined),
  }));
  storeFirst(app.vault, identity.secrets);
  Object.assign(holder, { app, identity });
  await opening.stop();
  endings.push(async () => app.stop());
  await enrol(app.deps);
  return { app, identity, runner, cached: await servers.accessToken(identity.first, judging) };
}

const consumer = ({ url }: Runner) => ({ id: 'runner', observe: 'http', url, allowPrivate: true });

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => void server.close(done));
}

/** The current version, as a vault would tell its reader. */
async function current({ app, identity }: { app?: MemoryApp; identity?: OAuthIdentity }): Promise<object> {
  if (!app || !identity) return {};
  const { secret } = identity.policy;
  const { versionId, material } = await app.vault.readCurrent(secret);
  const fields: unknown = JSON.parse(material.toVaultText());
  return { versionId, ...Object(fields) };
}

/** The same connector; before it judges what is left of tokens, the servers' clocks are where the app's is. */
function timed(app: () => MemoryApp): typeof connector {
  const { operations } = connector;
  return {
    ...connector,
    operations: {
      ...operations,
      async boundSessions(...args) {
        await inStep(app());
        return operations.boundSessions(...args);
      },
    },
  };
}

async function inStep({ clock }: MemoryApp): Promise<void> {
  const advanceMs = Math.max(0, clock.now() - (await servers.turn({})).now);
  await servers.turn({ advanceMs });
  await servers.turnResource({ advanceMs });
}

async function rotate({ app, identity }: Scene) {
  await app.passing(app.run('Rotation', RUN, { identityId: identity.id, reason: 'a test' }));
  return { summary: await app.deps.registry.summary(RUN), ...(await storyOf(app.deps.evidence, RUN)) };
}

const owed = async ({ app, identity }: Scene) =>
  (await app.deps.registry.obligationsOf(identity.id)).filter(({ type }) => type === 'refusal');

const secretIs = async ({ identity }: Scene) =>
  (await servers.token(identity.first, { grant_type: 'client_credentials', scope: 'read' })).status;

describe('a runner with a cached bearer token (introspected)', () => {
  it('is seen on the new one, and the old token is refused at the resource: verified at L4', async () => {
    const that = await scene('introspected');
    expect(await that.runner.work()).toBe(200);
    const { summary, proof } = await rotate(that);
    expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(proof.at(-1)).toMatchObject({
      sessions: { method: 'bounded', after: 0, countedBy: expect.stringMatching(/^denied on a data call/) },
    });
    expect([await secretIs(that), await servers.use(that.cached, 'introspected')]).toEqual([401, 401]);
    expect(await that.runner.work()).toBe(200);
    expect(await owed(that)).toEqual([]);
  }, 120_000);

  it('that goes on with the token it has keeps the run from being green, and goes on working', async () => {
    const that = await scene('introspected', 'ignore');
    const { summary } = await rotate(that);
    expect(summary).toMatchObject({
      outcome: 'rolled-back',
      cause: expect.stringMatching(/not seen on the new version: runner \(reports v-first\)/),
    });
    expect(await that.runner.work()).toBe(200);
    expect(await secretIs(that)).toBe(200);
  }, 120_000);
});

describe('a runner whose token the resource server validates by itself', () => {
  it('leaves the run owed until the last possible expiry, and the next look after it pays', async () => {
    const that = await scene('local');
    const { summary, proof } = await rotate(that);
    expect(summary).toMatchObject({ outcome: 'revoke-pending', level: 'L3' });
    expect(proof.at(-1)).toMatchObject({
      sessions: { method: 'bounded', after: null, countedBy: expect.stringMatching(/may be used until/) },
    });
    expect([await secretIs(that), await servers.use(that.cached, 'local')]).toEqual([401, 200]);
    const started = that.app.clock.now();
    for (let round = 0; round < 20 && (await owed(that)).length > 0; round += 1) {
      await that.app.clock.advance(2 * MINUTE_MS);
      await that.app.passing(that.app.settle());
    }
    expect(await owed(that)).toEqual([]);
    expect(that.app.clock.now() - started).toBeGreaterThan(9 * MINUTE_MS);
    expect(await servers.use(that.cached, 'local')).toBe(401);
  }, 180_000);

  it('is refused at once where the resource server obeys a deny list: verified at L4', async () => {
    const tokens = { seconds: 600, skewSeconds: 10, end: 'denyList' };
    const that = await scene('local', 'obey', { tokens, denyList: `${servers.resource}/denied` });
    expect((await rotate(that)).summary).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect([await servers.use(that.cached, 'local'), await that.runner.work()]).toEqual([401, 200]);
  }, 120_000);
});

it('an emergency revocation leaves no client and no token that works', async () => {
  const that = await scene('introspected');
  const { app, identity, runner, cached } = that;
  expect(await runner.work()).toBe(200);
  await app.passing(
    app.run('Revocation', 'the-revocation', { identityId: identity.id, reason: 'a secret was found' }),
  );
  expect(await app.deps.registry.summary('the-revocation')).toMatchObject({
    outcome: 'verified',
    level: 'L4',
  });
  expect([await secretIs(that), await servers.use(cached, 'introspected'), await runner.work()]).toEqual([
    401, 401, 401,
  ]);
  expect(await owed(that)).toEqual([]);
}, 120_000);

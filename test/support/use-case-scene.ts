import { createServer } from 'node:http';
import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { freePorts } from '../../apps/local/target/free-ports';
import { keyIdentity, type KeyIdentity } from '../../apps/local/target/key-service/identity';
import { startKeyService, type KeyService } from '../../apps/local/target/key-service/start';
import { mtlsIdentity, type MtlsIdentity } from '../../apps/local/target/mtls/identity';
import { startMtlsEndpoint, type MtlsEndpoint } from '../../apps/local/target/mtls/start';
import { oauthIdentity, type OAuthIdentity } from '../../apps/local/target/oauth/identity';
import { startOAuth, type OAuthServers } from '../../apps/local/target/oauth/start';
import { startRunner, type Runner } from '../../apps/local/target/oauth/start-runner';
import { startWorker, type WorkerProcess } from '../../apps/local/target/worker-process';
import { spreadSlot } from '../../lambdas/steps/close/finish';
import { projectFolder, removeProject } from './cli';
import { inTest } from './first-secrets';
import { gaplessCloud, type GaplessCloud } from './gapless-cloud';
import { listenOnLoopback } from './loopback';
import { testPostgres, type TestPostgres } from './postgres';
import { seedIdentity, type SeededIdentity } from './postgres-identity';

const THIRTY_DAYS_MS = 30 * 86_400_000;
const SOON_MS = 180_000;

/** A runner with a token in memory, and the identity it works as. */
export interface RunnerScene {
  readonly identity: OAuthIdentity;
  readonly runner: Runner;
}

/** One deployed app, and an identity of each use case on the real component that the use case is about. */
export interface UseCases {
  readonly cloud: GaplessCloud;
  /** Project folder that commands are run in. */
  readonly folder: string;
  readonly postgres: TestPostgres;
  readonly keys: KeyService;
  readonly oauth: OAuthServers;
  readonly mtls: MtlsEndpoint;
  /** Its slot of thirty days comes within minutes. */
  readonly account: SeededIdentity;
  readonly worker: WorkerProcess;
  readonly shared: KeyIdentity;
  readonly legacy: KeyIdentity;
  readonly obeying: RunnerScene;
  readonly ignoring: RunnerScene;
  readonly certificate: MtlsIdentity;
  stop(): Promise<void>;
}

type Undo = (() => Promise<unknown>)[];

/** Starts everything; whatever was started is ended again when something fails. */
export async function useCases(): Promise<UseCases> {
  const undo: Undo = [];
  const stop = async () => {
    for (const end of undo.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await build(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(undo: Undo): Promise<Omit<UseCases, 'stop'>> {
  const started = await servers(undo);
  const [workerPort = 0] = await freePorts(1);
  const account = await dueSoon(started.postgres, workerPort);
  const pace = { cacheSeconds: 10, periodMs: 250 };
  const [shared, legacy] = [
    await keyIdentity(started.keys, inTest('shared-key'), pace),
    await keyIdentity(started.keys, inTest('legacy-key'), pace),
  ];
  const certificate = await mtlsIdentity(started.mtls, inTest('edge-pair'), { periodMs: 50 });
  const vault: Reading = {};
  const [obeying, ignoring] = [
    await runnerOn(started.oauth, { id: 'ci-runner', onReload: 'obey' }, vault, undo),
    await runnerOn(started.oauth, { id: 'stale-runner', onReload: 'ignore' }, vault, undo),
  ];
  const all = [account, shared, legacy, certificate, obeying.identity, ignoring.identity];
  const cloud = await gaplessCloud(all);
  undo.push(() => cloud.remove());
  vault.cloud = cloud;
  const folder = projectFolder();
  undo.push(() => removeProject(folder));
  publish(folder, deploymentOf(cloud.engine, { evidence: 'GaplessEvidence', workflow: 'GaplessWorkflow' }));
  const worker = await workerOf(cloud, account, workerPort);
  undo.push(() => worker.stop());
  return { ...started, cloud, folder, account, worker, shared, legacy, obeying, ignoring, certificate };
}

async function servers(undo: Undo): Promise<Pick<UseCases, 'postgres' | 'keys' | 'oauth' | 'mtls'>> {
  const ended = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    undo.push(() => server.stop());
    return server;
  };
  const postgres = await ended(testPostgres());
  const keys = await ended(startKeyService());
  const oauth = await ended(startOAuth());
  const mtls = await ended(startMtlsEndpoint());
  return { postgres, keys, oauth, mtls };
}

/** An identity whose first slot of thirty days comes soon: slots are spread over the period by the id. */
async function dueSoon(postgres: TestPostgres, workerPort: number): Promise<SeededIdentity> {
  let serial = 0;
  const id = () => `service-account-${serial}`;
  while (spreadSlot(id(), THIRTY_DAYS_MS, 0) > SOON_MS) serial += 1;
  const seeded = await seedIdentity(postgres, { id: id(), strategy: 'alternating' });
  const url = `http://127.0.0.1:${workerPort}/`;
  const consumers = [{ id: 'orders-worker', observe: 'http', url, allowPrivate: true }];
  return { ...seeded, policy: { ...seeded.policy, consumers } };
}

async function workerOf(
  { engine }: GaplessCloud,
  { secret }: SeededIdentity,
  port: number,
): Promise<WorkerProcess> {
  const { endpoint, region, credentials } = engine;
  return startWorker({
    env: {
      SECRET_ID: secret,
      APPLICATION_NAME: 'orders-worker',
      CONSUMER_PORT: String(port),
      QUERY_EVERY_MS: '50',
      LOGIN_EVERY_MS: '200',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
}

/** The deployed app's vault, once it is there. */
interface Reading {
  cloud?: GaplessCloud;
}

interface Behaviour {
  readonly id: string;
  readonly onReload: 'obey' | 'ignore';
}

/** The runner starts on a secret, and the policy names the runner: so the secret can be read before the app is there. */
async function runnerOn(
  oauth: OAuthServers,
  { id, onReload }: Behaviour,
  reading: Reading,
  undo: Undo,
): Promise<RunnerScene> {
  const first = await oauthIdentity(oauth, inTest(id), 'introspected', {});
  const { secret } = first.policy;
  const reader = createServer((_request, response) => {
    void current(reading, secret, first).then((held) => response.end(JSON.stringify(held)));
  });
  const secretUrl = `http://127.0.0.1:${await listenOnLoopback(reader)}`;
  undo.push(async () => {
    reader.closeAllConnections();
    await new Promise((done) => void reader.close(done));
  });
  const runner = await startRunner(oauth, 'introspected', secretUrl, onReload);
  undo.push(() => runner.stop());
  const consumers = [{ id: 'runner', observe: 'http', url: runner.url, allowPrivate: true }];
  return { identity: { ...first, policy: { ...first.policy, consumers } }, runner };
}

async function current({ cloud }: Reading, secret: string, { first }: OAuthIdentity): Promise<object> {
  if (!cloud) return { versionId: 'before-the-app', ...first };
  const { versionId, material } = await cloud.vault.readCurrent(secret);
  const fields: unknown = JSON.parse(material.toVaultText());
  return { versionId, ...Object(fields) };
}

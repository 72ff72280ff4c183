import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startEngine, type Engine } from '../engine';
import type { Faults } from '../faults';
import { Meter } from './meter';
import { disposable, removeData, startPostgres, type RunningPostgres } from '../target/postgres';
import { seedTarget } from '../target/seed-target';
import { synthesise, type Synthesised } from '../synth/synthesise';
import { awsEnvironment, startWorker, type WorkerProcess } from '../target/worker-process';
import { strike, workerPart, type Breakage } from './breakage';
import { openGate, type Gate } from './gate';
import { billingDb, ordersDb, reportsDb, seedOf, startPasswords, type DemoIdentity } from './identities';
import { startKinds, type KindActor } from './kinds';
import { writePolicies, writePolicy, type Addresses } from './policies';
import { portsOf, workerPortOf, type DemoPorts } from './ports';
import { createSecrets, createSecretsOf, hasSecret } from './secrets';

export interface SceneOptions {
  /** Where everything is kept: policies, assembly, engine, server. */
  readonly folder: string;
  /** `fresh` removes what an earlier start left there. */
  readonly start: 'fresh' | 'keep';
  readonly breakage: Breakage | undefined;
  readonly kinds: 'postgres' | 'all';
  /** ISO date. */
  readonly today: string;
  /** Told what is being done, and that it is done. */
  readonly progress: (what: string) => void;
}

/** An identity with its consumer. */
export interface Actor {
  readonly identity: DemoIdentity;
  readonly worker: WorkerProcess;
}

/** Everything the demo runs on, under way. */
export interface Scene {
  readonly engine: Engine;
  readonly postgres: RunningPostgres;
  readonly secrets: SecretsManagerClient;
  readonly actors: readonly Actor[];
  /** One of every further kind, where those are shown. */
  readonly kinds: readonly KindActor[];
  readonly meter: Meter;
  readonly gate: Gate | undefined;
  readonly stackNames: Synthesised['stackNames'];
  readonly policiesDir: string;
  stop(): Promise<void>;
}

type Undo = () => Promise<unknown>;

/**
 * Sets the scene: a real PostgreSQL, the app in the embedded engine, secrets, and workers under load. When anything
 * fails, what was started is ended again.
 */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const undo: Undo[] = [];
  const stop = async (): Promise<void> => {
    for (const end of undo.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await build(options, undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(options: SceneOptions, undo: Undo[]): Promise<Omit<Scene, 'stop'>> {
  const { folder, breakage, progress } = options;
  if (options.start === 'fresh') await forget(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Each breakage is about the alternating identity; the other one would only make it longer.
  const identities = breakage === undefined ? [ordersDb, billingDb] : [ordersDb];
  const ports = await portsOf(folder, [ordersDb.id, billingDb.id]);
  // The server starts in a process of its own while this one synthesises.
  const starting = startPostgres({
    dataDir: join(folder, 'postgres'),
    port: ports.postgres,
    flags: disposable,
  });
  starting.catch(() => undefined);
  undo.push(() =>
    starting.then(
      (server) => server.stop(),
      () => undefined,
    ),
  );
  const targetPort = breakage === 'unreachable-target' ? ports.gate : ports.postgres;
  const policiesDir = join(folder, 'policies');
  const addressed = addressesOf(identities, ports, targetPort);
  writePolicies(policiesDir, addressed);
  const kinds = options.kinds === 'all' ? await enterKinds(policiesDir, progress, undo) : [];
  const assembly = await synthesise({ policiesDir, outdir: join(folder, 'assembly'), today: options.today });
  progress('CDK app synthesised: two stacks, five state machines');
  const postgres = await starting;
  progress(`PostgreSQL answers on ${postgres.host}:${postgres.port}`);
  const gate = breakage === 'unreachable-target' ? await openGate(postgres, ports.gate) : undefined;
  if (gate) undo.push(() => gate.stop());
  const dataDir = join(folder, 'engine');
  const faults: Faults = { at: async () => undefined };
  const engine = await startEngine({ assembly: assembly.directory, dataDir, faults });
  undo.push(() => engine.stop());
  const meter = new Meter(() => engine.clock.now());
  faults.at = meter.watching(async (point) => {
    if (breakage !== undefined) await strike(breakage, point, { postgres, gate });
    return undefined;
  });
  progress(`Engine answers on ${engine.endpoint}`);
  const secrets = new SecretsManagerClient({
    endpoint: engine.endpoint,
    region: engine.region,
    credentials: engine.credentials,
  });
  undo.push(async () => secrets.destroy());
  await furnish(postgres, secrets, addressed);
  for (const { identity } of kinds) await createSecretsOf(secrets, identity);
  const actors = await Promise.all(
    identities.map((identity) => enter(engine, identity, ports, breakage, undo)),
  );
  progress(
    `${actors.length === 1 ? 'One worker is' : 'Two workers are'} under load: ${identities.map(({ consumer }) => consumer).join(', ')}`,
  );
  const { stackNames } = assembly;
  return { engine, stackNames, postgres, secrets, actors, kinds, meter, gate, policiesDir };
}

type Addressed = readonly [DemoIdentity, Addresses];

function addressesOf(
  identities: readonly DemoIdentity[],
  ports: DemoPorts,
  targetPort: number,
): readonly Addressed[] {
  return [
    ...identities.map((identity): Addressed => [
      identity,
      { targetPort, workerPort: workerPortOf(ports, identity.id) },
    ]),
    // Nothing that is broken on purpose is in the way of an emergency.
    [reportsDb, { targetPort: ports.postgres, workerPort: undefined }],
  ];
}

async function forget(folder: string): Promise<void> {
  await removeData(join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
}

async function furnish(
  postgres: RunningPostgres,
  secrets: SecretsManagerClient,
  addressed: readonly Addressed[],
): Promise<void> {
  for (const [identity, { targetPort }] of addressed) {
    // Furnished by an earlier start: a role that was revoked since must not come back.
    if (await hasSecret(secrets, identity.secret)) continue;
    const passwords = startPasswords();
    await seedTarget(postgres, seedOf(identity, passwords));
    await createSecrets(secrets, identity, targetPort, passwords);
  }
}

/** Their servers come first, because policies name ports. */
async function enterKinds(
  policiesDir: string,
  progress: SceneOptions['progress'],
  undo: Undo[],
): Promise<readonly KindActor[]> {
  const kinds = await startKinds((actor) => undo.push(() => actor.stop()));
  for (const { identity } of kinds) writePolicy(policiesDir, identity);
  progress(`${kinds.length} more servers run, each for a kind of its own`);
  return kinds;
}

async function enter(
  engine: Engine,
  identity: DemoIdentity,
  ports: DemoPorts,
  breakage: Breakage | undefined,
  undo: Undo[],
): Promise<Actor> {
  const worker = await startWorker({
    env: {
      ...awsEnvironment(engine),
      SECRET_ID: identity.secret,
      APPLICATION_NAME: identity.consumer,
      CONSUMER_PORT: String(workerPortOf(ports, identity.id)),
      // Load without a pause would take the cores that the rotation is measured on.
      QUERY_EVERY_MS: '20',
      LOGIN_EVERY_MS: '100',
      ...workerPart(breakage),
    },
  });
  undo.push(() => worker.stop());
  return { identity, worker };
}

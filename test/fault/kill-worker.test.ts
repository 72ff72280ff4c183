import type { FaultPoint } from '../../apps/local/faults';
import { acceptedVersion } from '../support/accepted';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { killPoints, type KillPoint, type Strategy } from '../support/kill-points';
import { violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import {
  startPostgresProxy,
  type PostgresProxy,
  type StatementDecision,
  type StatementEvent,
} from '../support/postgres-proxy';

type Aftermath = 'its state is retried' | 'its execution is stopped';

interface Trial {
  readonly name: string;
  readonly runId: string;
  readonly point: KillPoint;
  readonly aftermath: Aftermath;
  readonly identity: SeededIdentity;
}

const strategies: readonly Strategy[] = ['alternating', 'in-place'];
const aftermaths: readonly Aftermath[] = ['its state is retried', 'its execution is stopped'];

// One of so many trials by default; GAPLESS_FAULT_STRIDE=1 runs all of them. Prime, so that the slice covers stages, sides and aftermaths alike.
const stride = Number(process.env['GAPLESS_FAULT_STRIDE'] ?? '13');
const from = Number(process.env['GAPLESS_FAULT_FROM'] ?? '0');

let server: TestPostgres;
let proxy: PostgresProxy;
let cloud: GaplessCloud;
let trials: readonly Trial[];

/** What happens at each statement; set to the trial that runs. */
let onStatement: (event: StatementEvent) => Promise<StatementDecision> = async () => 'pass';
/** Sampled states in which no credential of the identity was accepted. */
const lockedOut: string[] = [];
let samples = 0;

beforeAll(async () => {
  server = await testPostgres();
  proxy = await startPostgresProxy({ target: server, onStatement: (event) => watched(event) });
  trials = await planned(proxy.port);
  cloud = await gaplessCloud(trials.map(({ identity }) => identity));
}, 120_000);

afterAll(async () => {
  await cloud.remove();
  await proxy.stop();
  await server.stop();
});

async function planned(port: number): Promise<readonly Trial[]> {
  const all = strategies.flatMap((strategy) =>
    killPoints(strategy).flatMap((point) => aftermaths.map((aftermath) => ({ strategy, point, aftermath }))),
  );
  const picked: Trial[] = [];
  for (const [index, { strategy, point, aftermath }] of all.entries()) {
    if (index % stride !== from % stride) continue;
    const identity = await seedIdentity(server, { id: `trial-${index}`, strategy, port });
    const name = `${strategy}: ${point.side} ${point.name}, ${aftermath}`;
    picked.push({ name, runId: `run-${index}`, point, aftermath, identity });
  }
  return picked;
}

/** After every statement that can change who may log in, somebody must be able to. */
async function watched(event: StatementEvent): Promise<StatementDecision> {
  if (event.phase === 'after' && !/^(SELECT|BEGIN)/.test(event.sql)) await sample(event);
  return onStatement(event);
}

async function sample({ user, sql }: StatementEvent): Promise<void> {
  const trial = trials.find(({ identity }) => user === `${identity.database}_admin`);
  if (!trial) return;
  samples += 1;
  if (await acceptedVersion(cloud.vault, server, trial.identity.secret)) return;
  lockedOut.push(`${trial.name}: nobody can log in after ${sql.slice(0, 60)}`);
}

/** Runs one rotation and kills the worker that gets to the point. @returns whether it got there */
async function rotateUnderFault({
  runId,
  identity,
  point,
  aftermath,
}: Trial): Promise<'killed' | 'not reached'> {
  const worker = { state: 'armed' as 'armed' | 'killed' };
  const kill = () => {
    worker.state = 'killed';
    const executionArn = cloud.execution('Rotation', runId);
    if (aftermath === 'its execution is stopped')
      void cloud.engine.states.handle('StopExecution', { executionArn });
  };
  if (point.at === 'store') {
    cloud.faults.at = async (at: FaultPoint) => {
      if (worker.state !== 'armed' || at.boundary !== 'service' || at.phase !== point.side) return undefined;
      if (!point.fits(at, runId, identity.secret)) return undefined;
      kill();
      return { do: 'kill' };
    };
  } else {
    let seen = 0;
    const database = identity.database;
    onStatement = async (event) => {
      if (
        worker.state !== 'armed' ||
        event.phase !== point.side ||
        !event.user.startsWith(`${database}_`) ||
        !point.fits(event)
      )
        return 'pass';
      seen += 1;
      if (seen !== point.occurrence) return 'pass';
      kill();
      await cloud.engine.lambda.kill(`gapless-postgres-role-default-${point.function}`);
      return 'cut';
    };
  }
  await cloud.start('Rotation', runId, { identityId: identity.id, reason: 'a trial' });
  await cloud.ended('Rotation', runId);
  cloud.faults.at = async () => undefined;
  onStatement = async () => 'pass';
  return worker.state === 'killed' ? 'killed' : 'not reached';
}

describe('a worker thread of the deployed app is killed', () => {
  it('before and after the effects of each stage, and Settle leaves nothing behind, nobody helping', async () => {
    const found: string[] = [];
    for (const trial of trials) {
      if ((await rotateUnderFault(trial)) === 'not reached')
        found.push(`${trial.name}: the point was not reached`);
    }
    await cloud.untilSettled(
      trials.map(({ identity }) => identity.id),
      90,
    );
    const outcomes: Record<string, number> = {};
    for (const { name, runId, identity } of trials) {
      const outcome = (await cloud.registry.summary(runId))?.outcome ?? 'never opened';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      found.push(
        ...(await violations(cloud, server, identity)).map(
          (violation) => `${name} (${outcome}): ${violation}`,
        ),
      );
    }
    process.stdout.write(
      `${trials.length} workers killed, ${samples} states sampled, outcomes ${JSON.stringify(outcomes)}\n`,
    );
    expect(found).toEqual([]);
    expect(lockedOut).toEqual([]);
  }, 1_800_000);
});

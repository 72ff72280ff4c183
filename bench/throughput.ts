import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { enrol } from '../lambdas/steps/sweep/enrol';
import { sharedAssembly } from '../test/support/assembly';
import { memoryApp } from '../test/support/memory-app';
import { testPostgres, type TestPostgres } from '../test/support/postgres';
import { seedIdentity, storeSecrets, type SeededIdentity } from '../test/support/postgres-identity';
import { machine, machineLine } from './machine';
import { bareRotation } from './overhead/bare';
import { enginePipelineOf } from './overhead/engine';
import { quietly } from './overhead/quiet';
import { quantile } from './quantile';

// P3 of the performance goals: rotations a second of many clients at once, each with an identity and a database of its
// own, the whole pipeline against the bare script of bench/overhead.

const CLIENTS = 8;
const GOAL = 0.85;
/** Rotations of each client in one turn; both sides take so many turns, one after the other. */
const PER_TURN = 5;
/** Below so many rotations of each side no ratio is given. */
const FEWEST = 200;

/** One rotation of one client's identity. */
type Rotate = () => Promise<void>;

interface Side {
  readonly clients: readonly Rotate[];
  stop(): Promise<void>;
}

interface Line {
  readonly store: string;
  readonly rotations: number;
  /** Median of the turns, rotations a second. */
  readonly barePerSecond: number;
  readonly pipelinePerSecond: number;
  readonly ratio: number | undefined;
  /** Absent where the ratio is only printed. */
  readonly goal: number | undefined;
}

async function seeded(server: TestPostgres, side: string): Promise<readonly SeededIdentity[]> {
  const ids = Array.from({ length: CLIENTS }, (_, at) => `${side}-${at}`);
  return Promise.all(ids.map((id) => seedIdentity(server, { id, strategy: 'alternating' })));
}

async function inMemory(identities: readonly SeededIdentity[]): Promise<Side> {
  const app = await memoryApp(identities.map(({ policy }) => policy));
  for (const identity of identities) storeSecrets(app.vault, identity);
  await enrol(app.deps);
  let serial = 0;
  const clients = identities.map(({ id }) => async () => {
    serial += 1;
    const { status, cause } = await app.run('Rotation', `run-${serial}`, { identityId: id });
    if (status !== 'SUCCEEDED')
      throw new Error(`the rotation of ${id} ended ${String(status)}: ${String(cause)}`);
  });
  return { clients, stop: () => app.stop() };
}

async function inEngine(identities: readonly SeededIdentity[]): Promise<Side> {
  const pipeline = await enginePipelineOf(identities);
  const clients = identities.map(
    ({ id }) =>
      () =>
        pipeline.rotate(id),
  );
  return { clients, stop: () => pipeline.stop() };
}

/** Rotations a second of all clients at once. */
async function turn(clients: readonly Rotate[]): Promise<number> {
  const started = performance.now();
  await Promise.all(
    clients.map(async (rotate) => {
      for (let count = 0; count < PER_TURN; count += 1) await rotate();
    }),
  );
  return (clients.length * PER_TURN * 1_000) / (performance.now() - started);
}

async function onStore(server: TestPostgres, store: 'memory' | 'engine', turns: number): Promise<Line> {
  const bare = (await seeded(server, `${store}-bare`)).map((each) => bareRotation(each, 'alternating'));
  const identities = await seeded(server, `${store}-pipe`);
  const side = await (store === 'memory' ? inMemory(identities) : inEngine(identities));
  try {
    const [a, b]: [number[], number[]] = [[], []];
    for (let at = -1; at < turns; at += 1) {
      const speeds = [await turn(bare), await turn(side.clients)] as const;
      // The first turn warms up.
      if (at < 0) continue;
      a.push(speeds[0]);
      b.push(speeds[1]);
    }
    const rotations = turns * CLIENTS * PER_TURN;
    const [barePerSecond, pipelinePerSecond] = [quantile(a, 0.5), quantile(b, 0.5)];
    const ratio = rotations >= FEWEST ? pipelinePerSecond / barePerSecond : undefined;
    const goal = store === 'memory' ? GOAL : undefined;
    return { store, rotations, barePerSecond, pipelinePerSecond, ratio, goal };
  } finally {
    await side.stop();
  }
}

function readable({ store, rotations, barePerSecond, pipelinePerSecond, ratio, goal }: Line): string {
  const figures = `${pipelinePerSecond.toFixed(1)} / ${barePerSecond.toFixed(1)} rotations a second, ${rotations} rotations`;
  if (ratio === undefined)
    return `${store}: too few rotations, no ratio (${figures}, want at least ${FEWEST})`;
  const judged = goal === undefined ? 'printed only' : `goal >= ${goal}: ${ratio >= goal ? 'PASS' : 'MISS'}`;
  return `${store}, ${CLIENTS} clients: ratio ${ratio.toFixed(3)} (${figures}), ${judged}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      turns: { type: 'string', default: String(FEWEST / CLIENTS / PER_TURN) },
      store: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const turns = Number(values.turns);
  if (!Number.isInteger(turns) || turns < 1)
    throw new Error(`--turns: got ${values.turns}, want a whole number from 1`);
  const stores = (['memory', 'engine'] as const).filter(
    (store) => values.store === undefined || values.store === store,
  );
  if (stores.length === 0)
    throw new Error(`--store: got ${values.store ?? 'nothing'}, want memory or engine`);
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const server = await testPostgres(['-c', 'max_connections=200']);
  await sharedAssembly();
  try {
    const lines: Line[] = [];
    for (const store of stores) lines.push(await quietly(() => onStore(server, store, turns)));
    const about = machine();
    if (values.json) console.log(JSON.stringify({ machine: about, lines }, undefined, 2));
    else for (const text of [machineLine(about), ...lines.map(readable)]) console.log(text);
    if (lines.some(({ ratio = 1, goal = 0 }) => ratio < goal)) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

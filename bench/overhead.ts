import { sharedAssembly } from '../test/support/assembly';
import { testPostgres, type TestPostgres } from '../test/support/postgres';
import { machine } from './machine';
import { bareRotation } from './overhead/bare';
import { enginePipeline } from './overhead/engine';
import { memoryPipeline } from './overhead/memory';
import { pairOptions } from './overhead/options';
import { comparable, interleaved } from './overhead/pairs';
import type { Pipeline } from './overhead/pipeline';
import { quietly } from './overhead/quiet';
import { lineOf, missed, readable, summary, type Line } from './overhead/report';
import { difference, seenDuring, seenFlags, sessionsOf } from './overhead/seen';
import { databaseOf, seedIdentities, strategies, type Identities, type Strategy } from './overhead/subject';

// P1 of the performance goals. Printed and held to its goal, never asserted in a test: a busy machine is not a defect.

const WARM_UP = 3;

interface Scene {
  readonly server: TestPostgres;
  readonly pipeline: Pipeline;
  readonly bare: Identities;
  readonly piped: Identities;
}

async function measured(
  { server, pipeline, bare, piped }: Scene,
  strategy: Strategy,
  pairs: number,
): Promise<Line> {
  const a = bareRotation(bare[strategy], strategy);
  const b = () => pipeline.rotate(strategy);
  const [databaseA, databaseB] = [databaseOf(bare[strategy]), databaseOf(piped[strategy])];
  const same = async (): Promise<number> => {
    const seen = [await seenDuring(server, databaseA, a), await seenDuring(server, databaseB, b)] as const;
    const differs = difference(...seen);
    if (differs !== undefined)
      throw new Error(`${pipeline.name}, ${strategy}: the two sides are not comparable: ${differs}`);
    return seen[0].length;
  };
  await interleaved(WARM_UP, a, b);
  const atTarget = await same();
  const samples = await comparable(pairs, a, b, () => sessionsOf(server, [databaseA, databaseB]));
  await same();
  const calls = await pipeline.counted(strategy);
  const { name: store, goal } = pipeline;
  return lineOf({ store, strategy, goal, atTarget, calls }, samples);
}

async function onStore(
  server: TestPostgres,
  store: 'memory' | 'engine',
  pairs: number,
): Promise<readonly Line[]> {
  const bare = await seedIdentities(server, 'bare', store);
  const piped = await seedIdentities(server, 'pipe', store);
  const pipeline = store === 'memory' ? await memoryPipeline(piped) : await enginePipeline(piped);
  try {
    const lines: Line[] = [];
    for (const strategy of strategies) {
      const line = await measured({ server, pipeline, bare, piped }, strategy, pairs);
      // A whole run takes minutes; what is measured is told at once.
      console.error(summary(line));
      lines.push(line);
    }
    return lines;
  } finally {
    await pipeline.stop();
  }
}

async function main(): Promise<void> {
  const { pairs, stores, format } = pairOptions();
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // What one client waits for here is CPU; a log sync per commit would only make every ratio look better.
  const server = await testPostgres(seenFlags);
  await sharedAssembly();
  try {
    const lines: Line[] = [];
    for (const store of stores) lines.push(...(await quietly(() => onStore(server, store, pairs))));
    const about = machine();
    console.log(
      format === 'json' ? JSON.stringify({ machine: about, lines }, null, 2) : readable(about, lines),
    );
    if (lines.some(missed)) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

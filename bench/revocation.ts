import { sharedAssembly } from '../test/support/assembly';
import { seedFleet, type Fleet } from '../test/support/fleet';
import { testPostgres, type TestPostgres } from '../test/support/postgres';
import { revoked } from './bulk/bare';
import { machine, machineLine } from './machine';
import { pairOptions } from './overhead/options';
import { interleaved, type Sample } from './overhead/pairs';
import { quietly } from './overhead/quiet';
import { FEWEST_PAIRS } from './overhead/report';
import { difference, seenDuring, seenFlags } from './overhead/seen';
import { quantile } from './quantile';
import { engineRevoking, memoryRevoking, type Revoking } from './revocation/pipelines';

// P2 of the performance goals. Every revocation is of an identity of its own: a revoked one cannot be revoked again.

const WARM_UP = 3;
/** One more before and after the measurement, to see that both sides ask the target the same. */
const CHECKED = 2;

interface Line {
  readonly store: string;
  readonly pairs: number;
  /** Medians, milliseconds. */
  readonly bareMs: number;
  readonly pipelineMs: number;
  /** Absent with too few pairs. */
  readonly ratio: number | undefined;
  readonly goal: number;
}

async function onStore(server: TestPostgres, store: 'memory' | 'engine', pairs: number): Promise<Line> {
  const count = WARM_UP + CHECKED + pairs;
  const [bareName, pipedName] = store === 'memory' ? ['mbare', 'mpipe'] : ['ebare', 'epipe'];
  const bare = await seedFleet(server, bareName, count);
  const piped = await seedFleet(server, pipedName, count);
  const pipeline = await (store === 'memory' ? memoryRevoking(piped) : engineRevoking(piped));
  try {
    const [a, b] = [
      oneByOne(bare, (role) => revoked(bare, role)),
      oneByOne(piped, ({ id }) => pipeline.revoke(id)),
    ];
    const same = async (): Promise<void> => {
      const seen = [await seenDuring(server, bareName, a), await seenDuring(server, pipedName, b)] as const;
      const differs = difference(...unordered(seen));
      if (differs !== undefined)
        throw new Error(`${pipeline.name}: the two sides are not comparable: ${differs}`);
    };
    await interleaved(WARM_UP, a, b);
    await same();
    const samples = await interleaved(pairs, a, b);
    await same();
    return lineOf(pipeline, median(samples.bare), median(samples.pipeline), pairs);
  } finally {
    await pipeline.stop();
  }
}

/** What a session that watches over a change sends only when the change takes longer than 20 ms (postgres-role/blockers.ts). */
const WATCHING = 'WITH RECURSIVE blocking';

/** Both sides read beside what they change, so what two sessions say has no order; that the same is said is compared. */
function unordered(
  seen: readonly [readonly string[], readonly string[]],
): readonly [readonly string[], readonly string[]] {
  const [a, b] = seen.map((lines) =>
    lines
      .filter((line) => !line.includes(WATCHING))
      .map((line) => line.replace(/^\d+ /, ''))
      .toSorted(),
  );
  return [a ?? [], b ?? []];
}

function oneByOne(
  fleet: Fleet,
  revoke: (role: Fleet['roles'][number]) => Promise<unknown>,
): () => Promise<void> {
  const left = [...fleet.roles];
  return async () => {
    const role = left.shift();
    if (!role) throw new Error('no identity is left to be revoked');
    await revoke(role);
  };
}

function median(samples: readonly Sample[]): number {
  return quantile(
    samples.map(({ wallMs }) => wallMs),
    0.5,
  );
}

function lineOf({ name: store, goal }: Revoking, bareMs: number, pipelineMs: number, pairs: number): Line {
  const ratio = pairs >= FEWEST_PAIRS ? pipelineMs / bareMs : undefined;
  return { store, pairs, bareMs, pipelineMs, ratio, goal };
}

function readable({ store, pairs, bareMs, pipelineMs, ratio, goal }: Line): string {
  const figures = `p50 ${pipelineMs.toFixed(1)} / ${bareMs.toFixed(1)} ms, ${pairs} pairs`;
  if (ratio === undefined)
    return `${store}: too few pairs, no ratio (${figures}, want at least ${FEWEST_PAIRS})`;
  return `${store}: ratio ${ratio.toFixed(3)} (${figures}), goal <= ${goal}: ${ratio <= goal ? 'PASS' : 'MISS'}`;
}

async function main(): Promise<void> {
  const { pairs, stores, format } = pairOptions();
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const server = await testPostgres(seenFlags);
  await sharedAssembly();
  try {
    const lines: Line[] = [];
    for (const store of stores) lines.push(await quietly(() => onStore(server, store, pairs)));
    const about = machine();
    if (format === 'json') console.log(JSON.stringify({ machine: about, lines }, undefined, 2));
    else for (const text of [machineLine(about), ...lines.map(readable)]) console.log(text);
    if (lines.some(({ ratio, goal }) => ratio !== undefined && ratio > goal)) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

import type { Run, RunId, Who, Worker, World } from './world';

/** The state as a text; states that differ in nothing that matters have one text. */
export function textOf(world: World): string {
  forgetClosed(world);
  rankFences(world);
  return JSON.stringify(ordered(world));
}

export function worldOf(state: string): World {
  const parsed: unknown = JSON.parse(state);
  if (isWorld(parsed)) return parsed;
  throw new Error('This is no state of the model.');
}

/** Only textOf writes states, so one look tells them from anything else. */
function isWorld(parsed: unknown): parsed is World {
  return typeof parsed === 'object' && parsed !== null && 'row' in parsed && 'workers' in parsed;
}

/** Keys come and go; in a state they stand in one order. */
function ordered(world: World): object {
  const { row, labels, held, runs, workers } = world;
  const { lease } = row;
  return {
    ...world,
    row: sorted(lease ? { ...row, lease: sorted(lease) } : row),
    labels: sorted(labels),
    held: sorted(held),
    runs: sorted(runs),
    workers: sorted(
      Object.fromEntries(
        Object.entries(workers).map(([who, worker]) => [who, { ...worker, memory: sorted(worker.memory) }]),
      ),
    ),
  };
}

function sorted(given: object): object {
  const keys = Object.keys(given);
  if (keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key)) return given;
  const entries: [string, unknown][] = keys.toSorted().map((key) => [key, Reflect.get(given, key)]);
  return Object.fromEntries(entries);
}

/** The runs there are, in one order. */
export function runsOf({ runs }: World): readonly (readonly [RunId, Run])[] {
  return (['A', 'B', 'E', 'S1', 'S2'] as const).flatMap((id) => {
    const run = runs[id];
    return run ? [[id, run] as const] : [];
  });
}

/** The workers there are, in one order. */
export function workersOf({ workers }: World): readonly (readonly [Who, Worker])[] {
  return (['A', 'B', 'E', 'S', 'Z'] as const).flatMap((who) => {
    const worker = workers[who];
    return worker ? [[who, worker] as const] : [];
  });
}

/** Nobody asks any more how a closed run came to its end. */
function forgetClosed(world: World): void {
  const busy = workersOf(world).map(([, { run }]) => run);
  for (const [id, run] of runsOf(world)) {
    if (run.marker === 'open' || busy.includes(id)) continue;
    if (run.chain.filter((text) => text.startsWith('RunClosed')).length > 1) continue;
    run.chain = [];
    run.proof = [];
    run.fence = 0;
    run.execution = 'gone';
    if (id === 'S1' || id === 'S2') delete world.runs[id];
  }
}

/** Fences are compared and never counted with, so their order is all that is kept. */
function rankFences(world: World): void {
  const workers = workersOf(world).map(([, worker]) => worker);
  const runs = runsOf(world).map(([, run]) => run);
  const fences = [
    world.row.fence,
    ...workers.flatMap(({ given, carried }) => [given.fence, carried.fence]),
    ...runs.map(({ fence }) => fence),
  ];
  const ranks = [...new Set([0, ...fences])].toSorted((a, b) => a - b);
  const rank = (fence: number) => ranks.indexOf(fence);
  world.row = { ...world.row, fence: rank(world.row.fence) };
  for (const run of runs) run.fence = rank(run.fence);
  for (const { given, carried } of workers) {
    given.fence = rank(given.fence);
    carried.fence = rank(carried.fence);
  }
}

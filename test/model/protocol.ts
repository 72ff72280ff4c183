import { callsOf, deliveredTwice, faultsOf, isOne, perform, repeat, sceneOf, type Change } from './execution';
import type { Move, System } from './explorer';
import { atRest, always } from './invariants';
import { steps as product, type Steps } from './machines';
import type { Scope } from './scope';
import { runsOf, textOf, workersOf, worldOf } from './state-text';
import { blank, initial, isGone, type Run, type RunId, type Who, type Worker, type World } from './world';

/** The protocol of the product as a system to explore. */
export function protocol(scope: Scope): System {
  const steps = scope.steps ?? product;
  return {
    initial: [textOf(initial(scope.faults))],
    moves: (state) => movesFrom(state, scope, steps),
    broken: (state) => always(worldOf(state)),
    brokenAtRest: (state) => atRest(worldOf(state)),
  };
}

function movesFrom(state: string, scope: Scope, steps: Steps): readonly Move[] {
  const moves: Move[] = [];
  const world = worldOf(state);
  const add = (change: Change, kind: 'move' | 'fault') => {
    const next = worldOf(state);
    const name = change(next);
    if (name === undefined) return;
    if (kind === 'fault') next.faults -= 1;
    const to = textOf(next);
    if (to !== state) moves.push({ name, to, fault: kind === 'fault' });
  };
  const alone = workersOf(world).find(([who]) => isAlone(world, who, steps));
  if (!alone) {
    for (const change of starts(world, scope)) add(change, 'move');
    for (const change of settling(world)) add(change, 'move');
    add(tick, 'move');
  }
  for (const [who, worker] of alone ? [alone] : workersOf(world)) {
    for (const call of callsOf(worker, steps)) add((next) => perform(next, who, call, steps), 'move');
    if (scope.workers === 'have a second one of Mint') add(deliveredTwice(who), 'move');
    if (world.faults === 0) continue;
    for (const fault of faultsOf(who, steps, scope.workers)) add(fault, 'fault');
  }
  return moves;
}

/** A call that nobody else can notice: only it and its faults are tried here, the moves of others come right after it. */
function isAlone(world: World, who: Who, steps: Steps): boolean {
  const scene = sceneOf(world, who);
  if (!scene || scene.worker.execution === 'stopped' || scene.memory.failing !== undefined) return false;
  // Two workers of one run write the same chain.
  if (workersOf(world).some(([other, { run }]) => other !== who && run === scene.worker.run)) return false;
  const step = steps[scene.worker.step] ?? [];
  const here = step[scene.worker.pc];
  if (here === undefined) return true;
  if (!isOne(here)) return false;
  // A proof that is confirmed begins to age.
  if (scene.worker.step === 'ConfirmNew') return false;
  return here.call === 'evidence.put' || here.call === 'evidence.read' || (here.own?.(scene) ?? false);
}

function newRun(kind: Run['kind'], who: Who, slot: string | null): Run {
  return {
    kind,
    marker: 'closed',
    execution: who,
    slot,
    trigger: kind === 'rotation' ? 'manual' : 'emergency',
    about: null,
    fence: 0,
    chain: [],
    proof: [],
    outcome: null,
  };
}

function newWorker(machine: Worker['machine'], run: RunId, step: string, memory: Worker['memory']): Worker {
  return {
    run,
    machine,
    step,
    pc: 0,
    returned: [],
    given: { ...blank },
    carried: { ...blank },
    memory,
    execution: 'runs',
    failure: machine === 'Settle' ? 'RunAborted' : null,
  };
}

const rotation =
  (id: 'A' | 'B', slot: string | null): Change =>
  (next) => {
    next.runs[id] = newRun('rotation', id, slot);
    next.workers[id] = newWorker('Rotation', id, 'Open', {});
    return `${id} is started ${slot === null ? 'by hand' : `for slot ${slot}`}`;
  };

const revocation: Change = (next) => {
  next.runs.E = newRun('revocation', 'E', null);
  next.workers.E = newWorker('Revocation', 'E', 'OpenRevocation', {});
  return 'the emergency E is started';
};

/** Slot 1 is delivered to A and once more to B; or somebody starts B by hand. The emergency may come at any time. */
function starts(world: World, { rotations, emergency }: Scope): readonly Change[] {
  const waiting = rotations.filter((id) => world.runs[id] === undefined);
  // A comes first: what differs by names alone is one case.
  const next = waiting.slice(0, 1);
  return [
    ...next.map((id) => rotation(id, '1')),
    ...next.filter((id) => id === 'B').map((id) => rotation(id, null)),
    ...(emergency === 'one' && world.runs.E === undefined ? [revocation] : []),
  ];
}

/** What the reconciler finds to do, one piece at a time (lambdas/steps/settle/run.ts). */
function settling(world: World): readonly Change[] {
  if (world.workers.S) return [];
  const adopting = runsOf(world)
    .filter(([, run]) => run.marker === 'open' && isGone(world, run.execution))
    .map(([id]) => (next: World) => {
      next.workers.S = newWorker('Settle', id, 'Adopt', {});
      return `Settle takes over run ${id}`;
    });
  const free = (['S1', 'S2'] as const).find((id) => world.runs[id] === undefined);
  if (world.row.lease || free === undefined) return adopting;
  const wanted = world.owed.flatMap(({ by, runId, type, versionId }) => {
    const revoked = world.row.revoked;
    if (revoked && type === 'removal') return [];
    const about = by === 'revocation' ? runId : revoked?.runId;
    return [about === undefined ? `pay ${type} ${versionId}` : `contain - ${about}`];
  });
  const paying = [...new Set(wanted)].map((work) => (next: World) => {
    next.runs[free] = newRun('settle', 'S', null);
    next.workers.S = newWorker('Settle', free, 'Pay', { wanted: work });
    return `Settle starts run ${free} to ${work}`;
  });
  return [...adopting, ...paying];
}

/** Time passes the end of every limit that runs; a worker that holds the identity does not outlive its claim. */
function tick(world: World): string | undefined {
  const workers = workersOf(world);
  const lives = workers.some(([, { memory }]) => memory.acting);
  const passes =
    world.row.busyUntil !== undefined ||
    world.row.actingUntil !== undefined ||
    workers.some(([, { given, carried }]) =>
      [given, carried].some((state) => state.notBefore === 'later' || state.confirmed === 'fresh'),
    );
  if (lives || !passes) return undefined;
  world.row = { ...world.row, busyUntil: undefined, busyStage: undefined, actingUntil: undefined };
  for (const [, worker] of workers) {
    // Told that the identity is busy, the step is repeated from its start.
    if (worker.step === 'Retire') repeat(worker);
    for (const state of [worker.given, worker.carried]) {
      state.notBefore = 'over';
      if (state.confirmed === 'fresh') state.confirmed = 'stale';
    }
  }
  return 'time passes';
}

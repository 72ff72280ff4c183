import type { Call } from './call';
import { caught, keepsFailure, nextOf, type Steps } from './machines';
import type { Scene, Then } from './ports';
import { runsOf } from './state-text';
import type { Scope } from './scope';
import { type Carried, type Who, type Worker, type World } from './world';

/** A change of a copy of the state, and what it is called; undefined where it cannot happen now. */
export type Change = (world: World) => string | undefined;

/** The calls that a worker may make next: one, or those of several at once that have not returned. */
export function callsOf({ step, pc, returned, memory }: Worker, steps: Steps): readonly number[] {
  if (memory.failing !== undefined) return [-1];
  const here = steps[step]?.[pc];
  if (here === undefined) return [-2];
  return isOne(here) ? [0] : here.map((_call, index) => index).filter((index) => !returned.includes(index));
}

export function isOne(here: Call | readonly Call[]): here is Call {
  return !Array.isArray(here);
}

export function sceneOf(world: World, who: Who): Scene | undefined {
  const worker = world.workers[who];
  const run = worker && world.runs[worker.run];
  return worker && run && { world, who, worker, carried: worker.carried, memory: worker.memory, run };
}

export function perform(world: World, who: Who, index: number, steps: Steps): string | undefined {
  const scene = sceneOf(world, who);
  if (!scene) return undefined;
  const { worker, memory } = scene;
  const at = `${who} of run ${worker.run}: ${worker.step}`;
  if (index === -2) {
    returned(scene);
    return `${at} returns`;
  }
  if (index === -1) {
    release(scene);
    fail(scene, memory.failing ?? '');
    return `${at} gives the identity back and fails`;
  }
  const here = steps[worker.step]?.[worker.pc];
  const call = here && (isOne(here) ? here : here[index]);
  if (!here || !call) return undefined;
  const name = typeof call.call === 'string' ? call.call : call.call(scene);
  const after = call.act(scene) ?? undefined;
  if (after === 'wait') return undefined;
  goOn(scene, after, { index, of: isOne(here) ? 1 : here.length }, steps);
  return `${at} ${name}`;
}

function goOn(
  scene: Scene,
  after: Then,
  { index, of }: { readonly index: number; readonly of: number },
  steps: Steps,
): void {
  const { worker } = scene;
  if (after === 'again') return;
  if (after === 'return') {
    worker.pc = steps[worker.step]?.length ?? 0;
    worker.returned = [];
    return;
  }
  if (typeof after === 'object' && 'fails' in after) return failed(scene, after.fails);
  if (typeof after === 'object') {
    worker.pc = placeOf(steps[worker.step] ?? [], after.to);
    worker.returned = [];
    return;
  }
  const done = [...worker.returned, index].toSorted((a, b) => a - b);
  const all = done.length === of;
  worker.pc += all ? 1 : 0;
  worker.returned = all ? [] : done;
}

function placeOf(step: Steps[string], at: string): number {
  const found = step.findIndex((here) => (isOne(here) ? [here] : here).some((call) => call.at === at));
  if (found < 0) throw new Error(`No call is at ${at}.`);
  return found;
}

/** A failed worker gives back what it claimed before it says so (lambdas/steps/change.ts). */
function failed(scene: Scene, code: string): void {
  if (scene.memory.acting) scene.memory.failing = code;
  else fail(scene, code);
}

function release({ world, carried, memory }: Scene): void {
  if (world.row.fence === carried.fence) world.row = { ...world.row, busyUntil: undefined };
  delete memory.acting;
}

function fail(scene: Scene, code: string): void {
  const { worker } = scene;
  const next = caught(worker, code);
  const round =
    worker.step === 'ProveRefused' && next === 'Contain' ? worker.given.round + 1 : worker.given.round;
  if (!keepsFailure(worker.step))
    worker.failure =
      worker.machine === 'Settle' ? (code === 'ObligationWithdrawn' ? code : worker.failure) : code;
  begin(scene, next, { ...worker.given, round });
}

function returned(scene: Scene): void {
  begin(scene, nextOf(scene.worker, scene.carried), scene.carried);
}

/** The machine goes on with the next state, unless it has ended or was stopped. */
function begin({ world, who, worker }: Scene, step: string | undefined, carried: Carried): void {
  if (step === undefined || worker.execution === 'stopped') return over(world, who);
  world.workers[who] = {
    ...worker,
    step,
    pc: 0,
    returned: [],
    given: { ...carried },
    carried: { ...carried },
    memory: {},
  };
}

/** An execution is over; what it still owns is found by its name. */
function over(world: World, who: Who): void {
  delete world.workers[who];
  if (who !== 'S' && who !== 'Z') return;
  rename(world, who, 'gone');
}

function rename(world: World, who: Who, to: Who | 'gone'): void {
  for (const [, run] of runsOf(world)) if (run.execution === who) run.execution = to;
  const { lease } = world.row;
  if (lease?.executionArn === who) world.row = { ...world.row, lease: { ...lease, executionArn: to } };
}

/** Mint is delivered once more, to a worker that may come and go on at any time; nobody hears its answer. */
export function deliveredTwice(who: Who): Change {
  return (world) => {
    const worker = world.workers[who];
    if (!worker || world.workers.Z || worker.step !== 'Mint' || worker.pc > 0) return undefined;
    world.workers.Z = { ...structuredClone(worker), execution: 'stopped' };
    return `Mint of ${who} is delivered twice`;
  };
}

/** What may befall a worker before any of its calls. */
export function faultsOf(who: Who, steps: Steps, workers: Scope['workers']): readonly Change[] {
  const to = (change: (scene: Scene) => string | undefined) => (world: World) => {
    const scene = sceneOf(world, who);
    return scene && change(scene);
  };
  return [
    to(({ worker }) => {
      if (worker.execution === 'stopped') return undefined;
      repeat(worker);
      return `${who} dies in ${worker.step}, which is repeated`;
    }),
    to(({ world, worker }) => {
      over(world, who);
      return `${who} dies in ${worker.step}, and its execution with it`;
    }),
    to((scene) => {
      const { worker, memory } = scene;
      if (worker.execution === 'stopped' || memory.failing !== undefined) return undefined;
      if (steps[worker.step]?.[worker.pc] === undefined) return undefined;
      failed(scene, 'StoreUnavailable');
      return `a call of ${who} in ${worker.step} fails for good`;
    }),
    to(({ world, worker }) => {
      if (workers !== 'may outlive it' || worker.execution === 'stopped') return undefined;
      if (who === 'S' && world.workers.Z) return undefined;
      worker.execution = 'stopped';
      if (who === 'S') {
        delete world.workers.S;
        world.workers.Z = worker;
        rename(world, 'S', 'Z');
      }
      return `the execution of ${who} is stopped while its worker goes on with ${worker.step}`;
    }),
  ];
}

/** A repeated step is given what it was started with, and remembers nothing. */
export function repeat(worker: Worker): void {
  const { wanted } = worker.memory;
  worker.pc = 0;
  worker.returned = [];
  worker.carried = { ...worker.given };
  worker.memory = wanted === undefined ? {} : { wanted };
}

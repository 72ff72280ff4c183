import type { Call, Step } from './call';
import { steps, type Steps } from './machines';
import { registry, type Scene } from './ports';
import type { Scope } from './scope';

/** A known-bad change to the protocol, and the scope in which the explorer must find it. */
export interface SeededFault extends Omit<Scope, 'workers' | 'steps'> {
  readonly name: string;
  readonly steps: Steps;
  /** `end with their execution` where nothing is said. */
  readonly workers?: Scope['workers'];
}

type Here = Step[number];

const isOne = (here: Here): here is Call => !Array.isArray(here);
const named = (here: Here, call: string): boolean => isOne(here) && here.call === call;

/** The step with each call of one name changed, or left out. */
function changedStep(given: Step = [], call: string, change: (found: Call) => readonly Here[]): Step {
  if (!given.some((here) => named(here, call))) throw new Error(`There is no ${call} to change.`);
  return given.flatMap((here) => (isOne(here) && here.call === call ? change(here) : [here]));
}

function changed(step: string, call: string, change: (found: Call) => readonly Here[]): Steps {
  return { ...steps, [step]: changedStep(steps[step], call, change) };
}

/** The step with the first call of one name put before the first of another. */
function moved(step: string, call: string, before: string): Steps {
  const given = steps[step] ?? [];
  const found = given.find((here) => named(here, call));
  if (!found || !given.some((here) => named(here, before))) throw new Error(`${step} has no ${call}.`);
  const rest = given.filter((here) => here !== found);
  const at = rest.findIndex((here) => named(here, before));
  return { ...steps, [step]: [...rest.slice(0, at), found, ...rest.slice(at)] };
}

/** Close ends with the schedule, the lease and the marker. */
const releasedFirst = (given: Step = []): Step => [
  ...given.slice(0, -3),
  ...given.slice(-3, -1).toReversed(),
  ...given.slice(-1),
];

const without = (): readonly Here[] => [];

/** Goes on from the first look, as if nobody could write after it. */
const looksOnce = (found: Call): readonly Here[] => [
  {
    ...found,
    act: ({ world, carried }) => {
      const kept = carried.candidate !== null && world.held[carried.candidate] !== undefined;
      return { to: kept ? 'owe' : 'forget' };
    },
  },
];

function unfenced(found: Call): readonly Here[] {
  const act = (scene: Scene) => {
    const { fence } = scene.carried;
    scene.carried.fence = scene.world.row.fence;
    const after = found.act(scene);
    scene.carried.fence = fence;
    return after;
  };
  return [{ ...found, act }];
}

/** Each gives a counterexample: an explorer that finds none of them shows nothing. */
export const seededFaults: readonly SeededFault[] = [
  {
    name: 'the lease is given back before the schedule moves',
    steps: { ...steps, Close: releasedFirst(steps['Close']) },
    rotations: ['A', 'B'],
    emergency: 'none',
    faults: 0,
  },
  {
    name: 'the obligation is opened after the label moves',
    steps: moved('Promote', 'vault.promote', 'registry.openObligation'),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
  },
  {
    name: 'the candidate is applied before it is durable',
    steps: moved('Mint', 'target.apply', 'vault.putPending'),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
  },
  {
    name: 'nothing that Mint writes is fenced',
    steps: {
      ...steps,
      Mint: changedStep(
        changedStep(steps['Mint'], 'registry.claimBusy', unfenced),
        'registry.setVersions',
        unfenced,
      ),
    },
    rotations: ['A'],
    emergency: 'one',
    faults: 0,
  },
  {
    name: 'refusals are counted while a preempted worker may act',
    steps: changed('ProveRefused', 'probe.look', without),
    rotations: ['A'],
    emergency: 'one',
    faults: 0,
  },
  {
    name: 'the marker is deleted before the terminal record is written',
    steps: changed('CloseFailed', 'registry.obligationsOf', (found) => [
      { call: 'registry.forgetRun', act: ({ run }) => void (run.marker = 'closed') },
      found,
    ]),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
  },
  {
    name: 'the old one is retired without looking at how old the proof of the new one is',
    steps: changed('Retire', 'now', without),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
  },
  {
    name: 'the way back begins while a second Mint may be acting',
    steps: changed('Reinstate', 'registry.identity', without),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
    workers: 'have a second one of Mint',
  },
  {
    name: 'the way back leaves the place of a second Mint free',
    steps: changed('Reinstate', 'vault.read', looksOnce),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
    workers: 'have a second one of Mint',
  },
  {
    name: 'a revocation forgets that the worker it preempted may still act',
    steps: changed('Contain', 'registry.preemptLease', (found) => [
      {
        ...found,
        act: (scene) => {
          const after = found.act(scene);
          scene.world.row = { ...scene.world.row, actingUntil: undefined };
          scene.carried.notBefore = 'over';
          return after;
        },
      },
    ]),
    rotations: ['A'],
    emergency: 'one',
    faults: 0,
  },
  {
    name: 'a revocation that contains owes nothing for it',
    steps: changed('Contain', 'registry.openObligation', without),
    rotations: [],
    emergency: 'one',
    faults: 1,
  },
  {
    name: 'what is owed is paid before anything is proven',
    steps: changed('ConfirmNew', 'probe.observe', (found) => [
      found,
      {
        call: 'registry.payObligation',
        act: (scene) =>
          registry.payObligation(scene, {
            versionId: scene.carried.superseded ?? '',
            type: 'refusal',
            by: 'rotation',
          }),
      },
    ]),
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
  },
];

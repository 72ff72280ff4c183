import { explore, type Counterexample, type Explored } from './explorer';
import { protocol } from './protocol';
import type { Scope } from './scope';
import { seededFaults } from './seeded-faults';

/** Larger than any space below; one that outgrows it is an error. */
const BOUND = { states: 5_000_000 };

const told = (found: Counterexample | undefined): string =>
  found === undefined ? 'none' : [found.invariant, ...found.trace].join('\n  ');

function shown(name: string, { states, transitions, resting, depth }: Explored): void {
  process.stdout.write(
    `${name}: ${states} states, ${transitions} transitions, ${resting} at rest, ${depth} deep\n`,
  );
}

const workers = 'end with their execution';

interface Named extends Scope {
  readonly name: string;
}

const quick: readonly Named[] = [
  {
    name: 'a rotation and Settle, a fault at every call',
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
    workers,
  },
  {
    name: 'two rotations and Settle, in every order',
    rotations: ['A', 'B'],
    emergency: 'none',
    faults: 0,
    workers,
  },
  {
    name: 'an emergency and Settle, two faults at any calls',
    rotations: [],
    emergency: 'one',
    faults: 2,
    workers,
  },
  {
    name: 'a rotation, an emergency and Settle, in every order',
    rotations: ['A'],
    emergency: 'one',
    faults: 0,
    workers,
  },
  {
    name: 'a rotation and Settle, a worker that may outlive its stopped execution',
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
    workers: 'may outlive it',
  },
  {
    name: 'an emergency and Settle, a worker that may outlive its stopped execution',
    rotations: [],
    emergency: 'one',
    faults: 1,
    workers: 'may outlive it',
  },
  {
    name: 'a rotation and Settle, and a second Mint at any time',
    rotations: ['A'],
    emergency: 'none',
    faults: 0,
    workers: 'have a second one of Mint',
  },
];

/** Minutes of CPU each: GAPLESS_MODEL=full. */
const full: readonly Named[] = [
  {
    name: 'a rotation and Settle, a fault at every call, and a second Mint at any time',
    rotations: ['A'],
    emergency: 'none',
    faults: 1,
    workers: 'have a second one of Mint',
  },
  {
    name: 'a rotation, an emergency and Settle, a fault at every call',
    rotations: ['A'],
    emergency: 'one',
    faults: 1,
    workers,
  },
  {
    name: 'two rotations and Settle, a fault at every call',
    rotations: ['A', 'B'],
    emergency: 'none',
    faults: 1,
    workers,
  },
  {
    name: 'two rotations, an emergency and Settle, in every order',
    rotations: ['A', 'B'],
    emergency: 'one',
    faults: 0,
    workers,
  },
];

const scopes = process.env['GAPLESS_MODEL'] === 'full' ? [...quick, ...full] : quick;

it.each(scopes)(
  'every invariant holds in every state: $name',
  (scope) => {
    const explored = explore(protocol(scope), BOUND);
    shown(scope.name, explored);
    expect(told(explored.counterexample)).toBe('none');
    expect(explored.resting).toBeGreaterThan(0);
  },
  600_000,
);

it.each(seededFaults)(
  'a counterexample is found when $name',
  ({ name, workers: theirs = workers, ...scope }) => {
    const { states, counterexample } = explore(protocol({ ...scope, workers: theirs }), BOUND);
    process.stdout.write(
      `${name}: after ${states} states, in ${counterexample?.trace.length ?? 0} steps: ${counterexample?.invariant ?? 'nothing found'}\n`,
    );
    expect(counterexample).toBeDefined();
  },
  120_000,
);

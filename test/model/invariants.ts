import { LATER, accepts, type World } from './world';

type Invariant = readonly [name: string, holds: (world: World) => boolean];

const owed = (world: World, version: string): boolean =>
  world.owed.some(({ type, versionId }) => type === 'refusal' && versionId === version);

const accepted = (world: World): readonly string[] =>
  Object.keys(world.held).filter((version) => accepts(world, version));

const closes = (chain: readonly string[]): number =>
  chain.filter((text) => text.startsWith('RunClosed')).length;

/** No rotation comes after a revocation; else the next one takes the place of a candidate that is noted as ours. */
const mayBeSuperseded = ({ revoked, versions }: World['row'], version: string): boolean =>
  revoked !== undefined ||
  versions.some(({ versionId, runId }) => versionId === version && runId !== undefined);

const runs = ({ runs: all }: World) => Object.values(all);

/** What has to hold in every state (reliability: I1, I3, I4, I17 and what no run may ever do). */
const everywhere: readonly Invariant[] = [
  [
    'I1 a candidate is durable before the target accepts it',
    ({ target, held }) => target.every((version) => version === null || held[version] !== undefined),
  ],
  [
    'I3 the id of every superseded credential stays in an open obligation until it is refused',
    (world) =>
      accepted(world).every(
        (version) =>
          version === world.labels.current || version === world.labels.pending || owed(world, version),
      ),
  ],
  [
    'I4 one worker acts at a time, but for one that was preempted, which is waited for',
    (world) => {
      const acting = Object.values(world.workers).filter(({ memory }) => memory.acting);
      const strays = acting.filter(({ carried }) => carried.fence !== world.row.fence);
      const waited = world.row.actingUntil === LATER || world.row.busyUntil === LATER;
      return acting.length - strays.length <= 1 && (strays.length === 0 || waited);
    },
  ],
  [
    'I17 a slot is served once',
    ({ runs: { A, B }, row }) => {
      const served = [A, B].filter((run) => run?.slot === '1' && run.outcome === 'verified');
      return served.length <= 1 && Number(row.slot) <= 2;
    },
  ],
  ['a run has at most one terminal record', (world) => runs(world).every(({ chain }) => closes(chain) <= 1)],
  [
    'the credential in force is accepted until the identity is revoked',
    (world) => world.row.revoked !== undefined || accepts(world, world.labels.current ?? ''),
  ],
  [
    'nothing is accepted after a revocation is verified',
    ({ runs: { E }, target }) => E?.outcome !== 'verified' || target.every((version) => version === null),
  ],
];

/** What has to hold once nobody can do anything any more: Settle has seen to all that was left. */
const inTheEnd: readonly Invariant[] = [
  [
    'I2 no pending version is left without a run, unless it is refused and the next rotation may take its place',
    ({ labels, row, target, held }) =>
      labels.pending === undefined ||
      labels.pending === labels.current ||
      (mayBeSuperseded(row, labels.pending) && target[held[labels.pending] ?? 0] !== labels.pending),
  ],
  ['every run is closed', (world) => runs(world).every(({ marker }) => marker === 'closed')],
  ['no lease is left', ({ row }) => row.lease === undefined],
  [
    'nothing stays owed',
    ({ owed: left, row }) => left.every(({ type }) => row.revoked !== undefined && type === 'removal'),
  ],
  [
    'nothing is accepted but the credential in force',
    (world) => accepted(world).every((version) => version === world.labels.current),
  ],
  [
    'a revoked identity has no credential',
    ({ row, target }) => row.revoked === undefined || target.every((version) => version === null),
  ],
];

function brokenOf(invariants: readonly Invariant[], world: World): readonly string[] {
  return invariants.flatMap(([name, holds]) => (holds(world) ? [] : [name]));
}

/** Names of what a state breaks. */
export function always(world: World): readonly string[] {
  return [...(world.broken === undefined ? [] : [world.broken]), ...brokenOf(everywhere, world)];
}

/** Names of what a state breaks in which nobody has anything left to do. */
export function atRest(world: World): readonly string[] {
  return brokenOf(inTheEnd, world);
}

/** Every name, for the page that says what is shown. */
export const invariantNames: readonly string[] = [...everywhere, ...inTheEnd].map(([name]) => name);

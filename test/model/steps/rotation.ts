import type { IdentityRow } from '../../../core/ports/registry';
import { samePrincipal } from '../../../core/run/pair';
import { always, bad, changing, good, inForce, proving, afterwards, type Call, type Step } from '../call';
import { entry } from '../entries';
import { append, registry, target, vault, type Scene } from '../ports';
import { accepts, LATER, type Version } from '../world';

/** The version a run makes: its name is made from the run's. */
export const candidateOf = ({ worker }: Scene): Version => `v${worker.run}`;

const opened: Call = {
  call: 'evidence.put',
  act: (scene) => {
    const written = afterwards(append(scene, 'chain', entry.opened()));
    const { memory, run } = scene;
    if (written !== undefined) return written;
    if (memory.heldBy !== undefined) return { fails: 'LeaseHeld' };
    if (memory.revoked) return { fails: 'IdentityRevoked' };
    return run.slot !== null && run.slot !== memory.slot ? { fails: 'SlotServed' } : undefined;
  },
};

/** What is read before a preempted worker is through may be otherwise a moment later. */
const waits: Call = {
  call: 'now',
  act: ({ world, memory }) =>
    memory.heldBy === undefined && world.row.actingUntil === LATER ? 'wait' : undefined,
};

/** lambdas/steps/open/run.ts */
const open: Step = [
  { call: 'registry.openRun', act: registry.openRun, own: always },
  { call: 'registry.claimLease', act: registry.claimLease },
  waits,
  opened,
];

/** lambdas/steps/mint/preconditions.ts */
const nothingInTheWay: Call = {
  call: 'registry.standing',
  act: (scene) => {
    const { world, carried } = scene;
    const { labels, owed, row } = world;
    const owes = (version?: Version) =>
      owed.some(({ type, versionId }) => type === 'refusal' && versionId === version);
    const own = row.versions.filter(({ runId, versionId }) => runId && !owes(versionId));
    const harmless = [
      candidateOf(scene),
      labels.current,
      labels.previous,
      ...own.map((each) => each.versionId),
    ];
    const noted = row.versions.filter(({ stage }) => stage === 'AWSPENDING').map((each) => each.versionId);
    const pending = [...noted, ...(labels.pending === undefined ? [] : [labels.pending])];
    const strangers = pending.filter((version) => !harmless.includes(version));
    if (strangers.some(owes)) return { fails: 'ObligationOpen' };
    if (strangers.length > 0) return { fails: 'PendingConflict' };
    if (owes(labels.previous)) return { fails: 'ObligationOpen' };
    carried.candidate = candidateOf(scene);
    carried.superseded = labels.current ?? null;
    return undefined;
  },
};

const placeOf = ({ world }: Scene, version: Version | null) => world.held[version ?? ''] ?? 0;

/** lambdas/steps/mint/making.ts: noted, then durable, then applied; the candidate gets the principal not in use. */
const makes: Step = [
  {
    call: 'registry.setVersions',
    act: (scene) => {
      const { world, carried, memory, worker } = scene;
      const candidate = candidateOf(scene);
      if (memory.repeated && world.held[candidate] !== undefined) return { to: 'apply' };
      const place = placeOf(scene, carried.superseded);
      return registry.setVersions(scene, [
        { versionId: carried.superseded ?? '', remoteId: String(place), stage: 'AWSCURRENT' },
        { versionId: candidate, remoteId: String(1 - place), stage: 'AWSPENDING', runId: worker.run },
      ]);
    },
  },
  {
    call: 'vault.putPending',
    act: (scene) => vault.putPending(scene, candidateOf(scene), 1 - placeOf(scene, scene.carried.superseded)),
  },
  { call: 'target.apply', at: 'apply', act: (scene) => target.apply(scene, candidateOf(scene)) },
];

/** lambdas/steps/promote/run.ts: the refusal is owed from before the label moves. */
const promotes: Step = [
  {
    call: 'registry.openObligation',
    act: (scene) =>
      registry.openObligation(scene, {
        versionId: scene.carried.superseded ?? '',
        type: 'refusal',
        by: 'rotation',
        runId: scene.worker.run,
      }),
  },
  {
    call: 'vault.promote',
    act: (scene) => vault.promote(scene, candidateOf(scene), scene.carried.superseded ?? ''),
  },
];

const promoted = ({ memory, carried }: Scene): IdentityRow['versions'] =>
  (memory.row ?? []).map((each) => {
    if (each.versionId === carried.candidate) return { ...each, stage: 'AWSCURRENT' };
    return each.versionId === carried.superseded ? { ...each, stage: 'AWSPREVIOUS' } : each;
  });

/** A principal is suspended or emptied with whatever it accepts, unless the good version is the same one. */
const taken = (call: string): Call => ({
  call,
  act: (scene) => {
    const at = (version: Version) => ({ versionId: version, remoteId: String(placeOf(scene, version)) });
    if (samePrincipal(at(good(scene)), at(bad(scene)))) return;
    const confirmed = scene.run.proof.some(
      (text) => text.startsWith(`Judged|ConfirmNew|${good(scene)}|`) && text.endsWith('|proven'),
    );
    if (scene.worker.step === 'Retire' && !(confirmed && scene.carried.confirmed === 'fresh'))
      scene.world.broken = 'I5 the old one is retired only after the new one was proven accepted in this run';
    target.suspend(scene, placeOf(scene, bad(scene)));
  },
});

const pair = (scene: Scene) => ({ version: scene.carried.candidate, superseded: scene.carried.superseded });
const theBad = (scene: Scene) => ({ version: bad(scene), superseded: null });

const young: Call = {
  call: 'now',
  act: ({ carried }) => (carried.confirmed === 'fresh' ? undefined : { fails: 'ConfirmationStale' }),
};

const worksOrNot = (scene: Scene, version: Version) =>
  accepts(scene.world, version) ? 'proven' : 'disproven';

/** Refused counts only beside a positive control on the same path. */
function refusedOrNot(scene: Scene): 'proven' | 'disproven' | 'inconclusive' {
  if (accepts(scene.world, bad(scene))) return 'disproven';
  return accepts(scene.world, good(scene)) ? 'proven' : 'inconclusive';
}

const distributed = (stage: string): Step => [
  {
    call: 'evidence.put',
    act: (scene) => afterwards(append(scene, 'chain', entry.made(stage, scene.carried.candidate, 'applied'))),
  },
];

/** The steps of a rotation, and those it shares with its way back and with what Settle pays. */
export const rotationSteps: Readonly<Record<string, Step>> = {
  Open: open,
  Mint: [nothingInTheWay, ...changing('Mint', pair, makes)],
  ProveNew: proving('ProveNew', 'accepted', candidateOf, (scene) => worksOrNot(scene, candidateOf(scene))),
  Promote: changing('Promote', pair, promotes, { versions: promoted }),
  Distribute: distributed('Distribute'),
  ConfirmNew: proving('ConfirmNew', 'accepted', good, (scene) => worksOrNot(scene, good(scene))),
  Retire: [young, ...changing('Retire', theBad, [taken('target.suspend')], { check: inForce })],
  ProveOld: proving('ProveOld', 'refused', bad, refusedOrNot),
  Remove: changing('Remove', theBad, [taken('target.revoke')], { check: inForce }),
  DistributeBack: distributed('DistributeBack'),
  Undo: changing('Undo', theBad, [taken('target.suspend'), taken('target.revoke')], { check: inForce }),
  ProveRestored: proving('ProveRestored', 'refused', bad, refusedOrNot),
};

import type { IdentityRow } from '../../../core/ports/registry';
import { always, changing, type Call, type Step } from '../call';
import { entry } from '../entries';
import { append, registry, target, vault, type Scene } from '../ports';
import { accepts, LATER } from '../world';

/** lambdas/steps/turned-back.ts and heads.ts: the pair as evidence tells it, and where this stage goes on writing. */
function turnBack(scene: Scene, stage: string): void {
  const { run, carried } = scene;
  const mint = run.chain.find((text) => text.startsWith('ChangeIntended|Mint|'))?.split('|');
  carried.direction = 'undo';
  carried.candidate = mint?.[3] ?? null;
  carried.superseded = mint?.[4] ?? null;
  carried.proofSeq = run.proof.length;
  const own = run.chain.findLastIndex((text) => text.startsWith(`ChangeIntended|${stage}|`));
  const next = run.chain[own + 1];
  const resumable = own >= 0 && (next === undefined || next.startsWith(`ChangeMade|${stage}|`));
  carried.seq = resumable ? own : run.chain.length;
}

const abandoned = (scene: Scene, by: 'rotation' | 'revocation', runId: string): void =>
  registry.openObligation(scene, {
    versionId: scene.carried.candidate ?? '',
    type: 'refusal',
    by,
    runId,
  });

/** lambdas/steps/reinstate/settled-on.ts: what Mint left, told by the chain before it is asked whether somebody acts. */
const readsChain: Call = {
  call: 'evidence.read',
  at: 'look',
  act: (scene) => turnBack(scene, 'Reinstate'),
};

const nobodyMints: Call = {
  call: 'registry.identity',
  act: ({ world, carried, memory }) => {
    if (world.row.fence === carried.fence && world.row.busyUntil === LATER) return 'wait';
    if (world.row.revoked) memory.revoked = true;
    return undefined;
  },
};

const isBarred = ({ run }: Scene): boolean =>
  run.chain.findLast((text) => ['Mint', 'Reinstate'].includes(text.split('|')[1] ?? ''))?.split('|')[1] ===
  'Reinstate';

const whatIsThere: Call = {
  call: 'vault.read',
  act: (scene) => {
    const { world, carried } = scene;
    if (!isBarred(scene)) return undefined;
    const kept = carried.candidate !== null && world.held[carried.candidate] !== undefined;
    return { to: kept ? 'owe' : 'forget' };
  },
};

/** Takes the place that a late Mint needs, and looks once more. */
const bars: Call = {
  call: 'evidence.put',
  act: (scene) => {
    append(scene, 'chain', entry.made('Reinstate', null, 'notApplicable', 'turns back'));
    return { to: 'look' };
  },
};

const owesTheCandidate: Call = {
  call: 'registry.openObligation',
  at: 'owe',
  act: (scene) => {
    const { carried, memory, worker, world } = scene;
    if (!memory.revoked) return abandoned(scene, 'rotation', worker.run);
    abandoned(scene, 'revocation', world.row.revoked?.runId ?? 'E');
    carried.candidate = null;
    carried.superseded = null;
    return 'return';
  },
};

const forgets: Call = {
  call: 'registry.setVersions',
  at: 'forget',
  act: (scene) => {
    const { world, worker, carried } = scene;
    const { versions } = world.row;
    const kept = versions.filter(({ runId, stage }) => runId !== worker.run || stage !== 'AWSPENDING');
    carried.candidate = null;
    carried.superseded = null;
    return kept.length === versions.length ? undefined : registry.setVersions(scene, kept);
  },
};

const end: Call = { call: 'return', act: () => 'return', own: always };

const backwards = (scene: Scene) => ({
  version: scene.carried.superseded,
  superseded: scene.carried.candidate,
});

/** lambdas/steps/promote/run.ts, promoteBack */
const promotesBack: Step = [
  {
    call: 'vault.labels',
    act: ({ world, carried, memory }) => {
      memory.todo = [
        ...(world.labels.current === carried.candidate ? ['moved'] : []),
        ...(world.labels.pending === carried.candidate ? ['pending'] : []),
      ];
      return memory.todo.length === 0 ? { to: 'withdraw' } : undefined;
    },
  },
  { call: 'registry.openObligation', act: (scene) => abandoned(scene, 'rotation', scene.worker.run) },
  {
    call: 'vault.dropPending',
    act: (scene) => {
      if (scene.memory.todo?.includes('pending')) vault.dropPending(scene, scene.carried.candidate ?? '');
    },
  },
  {
    call: 'vault.promote',
    act: (scene) => {
      const { carried, memory } = scene;
      if (!memory.todo?.includes('moved')) return undefined;
      return vault.promote(scene, carried.superseded ?? '', carried.candidate ?? '');
    },
  },
  {
    call: 'registry.payObligation',
    at: 'withdraw',
    act: (scene) =>
      registry.payObligation(scene, {
        versionId: scene.carried.superseded ?? '',
        type: 'refusal',
        by: 'rotation',
      }),
  },
];

const takenBack = ({ carried, memory }: Scene): IdentityRow['versions'] =>
  (memory.row ?? [])
    .filter(({ versionId }) => versionId !== carried.candidate)
    .map((each) => (each.versionId === carried.superseded ? { ...each, stage: 'AWSCURRENT' } : each));

const known: Call = {
  call: 'evidence.read',
  act: (scene) => {
    const { carried } = scene;
    if (carried.direction !== 'undo' || carried.candidate === null) turnBack(scene, 'PromoteBack');
    return carried.candidate === null ? { fails: 'Internal' } : undefined;
  },
};

const currentOne: Call = {
  call: 'vault.labels',
  act: ({ world, carried }) => {
    if (world.labels.current === carried.superseded) return { to: 'in force' };
    carried.candidate = world.labels.current ?? null;
    return undefined;
  },
};

/** lambdas/steps/reinstate/unkept.ts */
const kept: Call = {
  call: 'vault.read',
  act: ({ world, carried }) => {
    const noted = world.row.versions.find(({ versionId }) => versionId === carried.superseded);
    const unkept = noted?.stage === 'AWSPENDING' && world.held[noted.versionId] === undefined;
    return unkept ? { fails: 'ObligationWithdrawn' } : undefined;
  },
};

/** Where both are one principal, the good one is applied again unless it works as it is. */
const putBack: Call = {
  call: 'target.apply',
  act: (scene) => {
    const { world, carried } = scene;
    const { candidate, superseded } = carried;
    if (world.held[candidate ?? ''] !== world.held[superseded ?? '']) return;
    if (!accepts(world, candidate ?? '')) target.apply(scene, candidate ?? '');
  },
};

/** lambdas/steps/reinstate/back-in-force.ts: what is current again is put in force unless it works, then owed nothing. */
const backInForce: Call = {
  call: 'target.apply',
  at: 'in force',
  act: (scene) => {
    const version = scene.carried.superseded ?? '';
    if (!accepts(scene.world, version)) target.apply(scene, version);
    return { fails: 'ObligationWithdrawn' };
  },
};

/** The way back, and the first step of a run that pays. */
export const undoSteps: Readonly<Record<string, Step>> = {
  Reinstate: [
    readsChain,
    nobodyMints,
    whatIsThere,
    bars,
    owesTheCandidate,
    ...changing('Reinstate', backwards, []),
    end,
    forgets,
  ],
  PromoteBack: [known, ...changing('PromoteBack', backwards, promotesBack, { versions: takenBack })],
  Reassert: [
    currentOne,
    kept,
    ...changing(
      'Reassert',
      ({ carried }) => ({ version: carried.candidate, superseded: carried.superseded }),
      [putBack],
    ),
    end,
    backInForce,
  ],
};

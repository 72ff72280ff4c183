import type { Obligation } from '../../../core/ports/registry';
import { triggerOf } from '../../../lambdas/steps/close/debts';
import { always, afterwards, type Call, type Step } from '../call';
import { entry } from '../entries';
import { append, registry, type Scene } from '../ports';
import { isGone, LATER, type Carried, type Run } from '../world';

const has = (chain: readonly string[], start: string, end = '') =>
  chain.some((text) => text.startsWith(start) && text.endsWith(end));

/** lambdas/steps/begin/adopt.ts, directionOf and mayStillBegin */
function directionOf(run: Run, ours: boolean): Carried['direction'] {
  const begins =
    run.kind === 'revocation' && has(run.chain, 'RunOpened') && !has(run.chain, 'ChangeIntended');
  if (!ours && !begins) return 'close';
  if (has(run.chain, 'RunClosed')) return 'close';
  if (run.kind === 'revocation' && run.chain.length > 0) return 'contain';
  if (has(run.proof, 'Judged|ConfirmNew', '|proven') || has(run.proof, 'Judged|ProveRestored', '|proven'))
    return 'close';
  return run.kind === 'rotation' && has(run.chain, 'ChangeIntended') ? 'undo' : 'close';
}

const looksAtRow: Call = {
  call: 'registry.identity',
  act: ({ world, worker, run, memory, who }) => {
    if (run.marker === 'closed') return { fails: 'LeaseHeld' };
    memory.ours = world.row.lease?.runId === worker.run;
    if (memory.ours && world.row.busyUntil === LATER) return 'wait';
    return run.execution !== who && !isGone(world, run.execution) ? { fails: 'FenceLost' } : undefined;
  },
};

/** Under the new fence nobody of the run begins anything more; who did before is waited for. */
const looksAgain: Call = {
  call: 'registry.identity',
  act: ({ world, memory }) => (memory.ours && world.row.busyUntil === LATER ? 'wait' : undefined),
};

const readsChains: Call = {
  call: 'evidence.read',
  act: ({ world, run, carried, memory }) => {
    carried.seq = run.chain.length;
    carried.proofSeq = run.proof.length;
    carried.round = run.chain.some((text) => text.startsWith('ChangeIntended|Contain|')) ? 2 : 1;
    carried.notBefore = world.row.actingUntil === LATER ? 'later' : 'over';
    carried.direction = directionOf(run, memory.ours ?? false) ?? 'close';
  },
};

const adopt: Step = [
  looksAtRow,
  {
    call: 'registry.adoptRun',
    act: ({ world, run, who }) => {
      if (run.marker === 'closed' || (run.execution !== who && !isGone(world, run.execution)))
        return { fails: 'FenceLost' };
      run.execution = who;
      return undefined;
    },
  },
  {
    call: 'registry.takeOverLease',
    act: (scene) => {
      scene.carried.fence = scene.world.row.fence;
      return scene.memory.ours ? registry.takeOverLease(scene) : undefined;
    },
  },
  looksAgain,
  readsChains,
];

/** Which obligations a run was started for, as lambdas/steps/begin/pay.ts tells them. */
function wantedBy({ world, memory }: Scene): readonly Obligation[] {
  const [kind, type, about = ''] = memory.wanted?.split(' ') ?? [];
  if (kind === 'pay') return world.owed.filter((owed) => owed.versionId === about && owed.type === type);
  return world.owed.flatMap((owed): readonly Obligation[] => {
    if (owed.by === 'revocation') return owed.runId === about ? [owed] : [];
    const taken = owed.type === 'refusal' && world.row.revoked?.runId === about;
    return taken ? [{ ...owed, by: 'revocation', runId: about }] : [];
  });
}

const claims: Call = {
  call: 'registry.claimLease',
  act: (scene) => {
    registry.claimLease(scene);
    return scene.memory.heldBy === undefined ? undefined : { to: 'over' };
  },
};

const looksAtDebts: Call = {
  call: 'registry.obligationsOf',
  act: (scene) => {
    const { world, memory, run, carried } = scene;
    const [owed] = wantedBy(scene);
    const contains = memory.wanted?.startsWith('contain') ?? false;
    carried.notBefore = world.row.actingUntil === LATER ? 'later' : 'over';
    if (!contains && world.row.actingUntil === LATER) return 'wait';
    if (!owed || (contains && world.row.revoked === undefined && owed.type === 'removal'))
      return { to: 'withdrawn' };
    run.trigger = triggerOf(owed);
    run.about = owed.runId;
    carried.direction = owed.by === 'rotation' ? 'pay' : 'contain';
    carried.superseded = owed.by === 'rotation' ? owed.versionId : null;
    return undefined;
  },
};

const pay: Step = [
  { call: 'registry.openRun', act: registry.openRun, own: always },
  claims,
  looksAtDebts,
  {
    call: 'evidence.put',
    act: (scene) => afterwards(append(scene, 'chain', entry.opened())) ?? 'return',
  },
  { call: 'registry.releaseLease', at: 'withdrawn', act: registry.releaseLease },
  {
    call: 'registry.forgetRun',
    at: 'over',
    act: ({ run }) => {
      run.marker = 'closed';
      return { fails: 'LeaseHeld' };
    },
  },
];

/** How an execution of Settle begins. */
export const settleSteps: Readonly<Record<string, Step>> = { Adopt: adopt, Pay: pay };

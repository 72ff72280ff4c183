import { Failure } from '../../core/failure';
import type { IdentityRow, Lease, Obligation } from '../../core/ports/registry';
import { nameOf, outweighs } from '../../core/registry/due-order';
import { foundBy, preempted, refuseBusy, refuseOtherFence, takenOver } from '../../core/registry/lease-rules';
import { promotion } from '../../core/vault-rules';
import { tokenIn } from './entries';
import {
  LATER,
  NOW,
  type Carried,
  type Memory,
  type Run,
  type Version,
  type Who,
  type Worker,
  type World,
} from './world';

/** What one call is made on: the world, and the worker that makes it. */
export interface Scene {
  readonly world: World;
  readonly who: Who;
  readonly worker: Worker;
  readonly carried: Carried;
  readonly memory: Memory;
  readonly run: Run;
}

/** What a call leads to: the next one, itself once more, one further on, the step's end, or its failure. */
export type Then =
  undefined | 'again' | 'wait' | 'return' | { readonly fails: string } | { readonly to: string };

/** Does what the product's rule says, and turns its refusal into a failure of the step. */
export function ruled(act: () => void): Then {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.name === 'StepBusy' ? 'wait' : { fails: error.name };
    throw error;
  }
}

function leaseFor({ worker, who, run }: Scene): Lease {
  return { runId: worker.run, executionArn: who, claimedAt: NOW, kind: run.kind };
}

/** The registry, as its adapters apply the product's rules. */
export const registry = {
  openRun: ({ run, who }: Scene) => {
    if (run.marker === 'open') return;
    run.marker = 'open';
    run.execution = who;
  },
  claimLease: (scene: Scene) => {
    const { world, carried, memory } = scene;
    const found = foundBy(world.row, leaseFor(scene));
    if (found === undefined) world.row = { ...world.row, lease: leaseFor(scene), fence: world.row.fence + 1 };
    const { heldBy } = found ?? {};
    const { slot, revoked, fence } = world.row;
    if (heldBy) memory.heldBy = heldBy.runId;
    if (slot !== undefined) memory.slot = slot;
    if (revoked) memory.revoked = true;
    carried.fence = fence;
  },
  preemptLease: (scene: Scene): Then => {
    const { world, carried } = scene;
    const taken = preempted(world.row, leaseFor(scene));
    if ('heldBy' in taken) return { fails: 'LeaseHeld' };
    if (taken.row) world.row = taken.row;
    carried.fence = taken.fence;
    carried.notBefore = taken.notBefore === undefined ? 'over' : 'later';
    return undefined;
  },
  takeOverLease: ({ world, worker, who, carried }: Scene): Then =>
    ruled(() => {
      world.row = takenOver(world.row, worker.run, who);
      carried.fence = world.row.fence;
    }),
  releaseLease: ({ world, worker }: Scene) => {
    if (world.row.lease?.runId === worker.run) world.row = { ...world.row, lease: undefined };
  },
  claimBusy: ({ world, worker, carried, memory }: Scene): Then =>
    ruled(() => {
      refuseBusy(world.row, { fence: carried.fence, stage: worker.step, now: NOW, until: LATER });
      world.row = { ...world.row, busyUntil: LATER };
      memory.acting = true;
      memory.row = world.row.versions;
    }),
  releaseBusy: ({ world, carried, memory }: Scene) => {
    if (world.row.fence === carried.fence)
      world.row = { ...world.row, busyUntil: undefined, busyStage: undefined };
    delete memory.acting;
  },
  setVersions: ({ world, carried }: Scene, versions: IdentityRow['versions']): Then =>
    ruled(() => {
      refuseOtherFence(world.row, carried.fence);
      world.row = { ...world.row, versions };
    }),
  setRevoked: ({ world, carried }: Scene, runId: string): Then =>
    ruled(() => {
      refuseOtherFence(world.row, carried.fence);
      world.row = { ...world.row, revoked: { runId, at: NOW } };
    }),
  openObligation: ({ world }: Scene, opened: Pick<Obligation, 'versionId' | 'type' | 'by' | 'runId'>) => {
    const next = { ...opened, ...timeless, remoteId: String(world.held[opened.versionId] ?? '') };
    const there = world.owed.find((each) => nameOf(each) === nameOf(next));
    if (there && !outweighs(next, there)) return;
    world.owed = [...world.owed.filter((each) => each !== there), next].toSorted((a, b) =>
      nameOf(a) < nameOf(b) ? -1 : 1,
    );
  },
  payObligation: ({ world }: Scene, paid: Pick<Obligation, 'versionId' | 'type' | 'by'>) => {
    const name = nameOf({ identityId: 'i', ...paid });
    world.owed = world.owed.filter((each) => nameOf(each) !== name || each.by !== paid.by);
  },
};

/** Attempts and their times are left out: whatever is owed may be tried at any time, which is more than happens. */
const timeless = {
  identityId: 'i',
  openedAt: '',
  deadline: undefined,
  nextAttemptAt: '',
  attempts: 0,
  why: '',
} as const;

/** Material and labels. Nothing here knows a fence. */
export const vault = {
  putPending: ({ world }: Scene, version: Version, place: number) => {
    if (world.held[version] !== undefined) return;
    world.held[version] = place;
    world.labels = { ...world.labels, pending: version };
  },
  promote: ({ world }: Scene, to: Version, from: Version): Then =>
    ruled(() => {
      if (promotion('s', world.labels, to, from) === 'done') return;
      world.labels = { ...world.labels, current: to, previous: from };
    }),
  dropPending: ({ world }: Scene, version: Version) => {
    if (world.labels.pending === version) world.labels = { ...world.labels, pending: undefined };
  },
};

/** The target: two principals, each with one password. */
export const target = {
  apply: ({ world }: Scene, version: Version) => {
    const place = world.held[version];
    if (place === undefined) world.broken = 'I1 a candidate is durable before the target changes';
    world.target[place ?? 0] = version;
  },
  suspend: ({ world }: Scene, place: number) => {
    world.target[place] = null;
  },
};

/**
 * Appends to one of the run's chains where the worker knows its end to be. What stands there already is the step's own
 * earlier record, or somebody else's.
 */
export function append(
  scene: Scene,
  chain: 'chain' | 'proof',
  text: string,
): Then | { readonly there: string } {
  const { run, carried } = scene;
  const seq = chain === 'chain' ? carried.seq : carried.proofSeq;
  const there = run[chain][seq];
  if (there !== undefined && tokenIn(there) !== tokenIn(text)) return { fails: 'FenceLost' };
  if (there === undefined) {
    run[chain].push(text);
    if (chain === 'chain') run.fence = Math.max(run.fence, carried.fence);
  }
  if (chain === 'chain') carried.seq = seq + 1;
  else carried.proofSeq = seq + 1;
  return there === undefined ? undefined : { there };
}

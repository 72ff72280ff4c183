import { Failure } from '../../../core/failure';
import {
  leafListKey,
  leafListText,
  readLeafList,
  type Leaf,
  type LeafList,
} from '../../../core/ledger/leaf-list';
import { LEAVES_AT_ONCE, nextList } from '../../../core/ledger/next-list';
import type { PendingLeaves } from '../../../core/ledger/pending';
import { iso } from '../deps';
import { collect, type Collected } from './collect';
import { commit } from './commit';
import type { SealDeps } from './deps';
import { resume, type Ledger } from './ledger';
import { conflict } from './once';
import { pulse } from './pulse';

/** Share of its time after which an invocation begins no further batch. */
const BEGIN_BEFORE = 0.6;

type Refused = NonNullable<PendingLeaves['refused']>;

/** `busy`: another sealer is at work. `sealed`: records this look put under a checkpoint. */
export interface Sealing {
  readonly state: 'sealed' | 'idle' | 'busy';
  readonly size: number;
  readonly sealed: number;
  readonly checkpoints: number;
  readonly markersDropped: number;
}

/**
 * Seals what was recorded since the last checkpoint. Which leaves come next is decided by one create-only write, the
 * leaf list under the size before it; whoever finds a list carries it out. So a crash anywhere repeats safely: no
 * record is skipped, none is sealed twice, and the bytes are the same.
 * @throws Failure EvidenceConflict when a record or a sealed object does not hold, after everything else was sealed;
 *   FenceLost when another sealer took over
 */
export async function seal(deps: SealDeps): Promise<Sealing> {
  const [holder, now] = [deps.holder(), deps.now()];
  const claim = { holder, now: iso(now), until: iso(now + deps.timeoutMs) };
  const claimed = await deps.index.claimSealer(claim);
  if ('heldUntil' in claimed) return { state: 'busy', size: 0, sealed: 0, checkpoints: 0, markersDropped: 0 };
  const ledger = await resume(deps, claimed.size);
  const work = new Work(deps, claimed.fence, ledger, now + deps.timeoutMs * BEGIN_BEFORE);
  await work.finishBegun();
  await work.sealNew();
  if (work.checkpoints === 0) await pulse(deps, work.head);
  await deps.index.releaseSealer(holder);
  if (work.refused[0]) throw refusal(work.refused[0], work.refused.length);
  const { sealed, checkpoints, markersDropped } = work;
  const state = checkpoints > 0 ? 'sealed' : 'idle';
  return { state, size: work.head.size, sealed, checkpoints, markersDropped };
}

/** One sealer's work from its claim on. */
class Work {
  sealed = 0;
  checkpoints = 0;
  markersDropped = 0;
  readonly refused: Refused[] = [];

  constructor(
    private readonly deps: SealDeps,
    private readonly fence: number,
    private ledger: Ledger,
    private readonly beginBefore: number,
  ) {}

  get head(): Ledger['head'] {
    return this.ledger.head;
  }

  /** Carries out lists that an earlier sealer decided and did not get through with. */
  async finishBegun(): Promise<void> {
    for (;;) {
      const key = leafListKey(this.head.size);
      const bytes = await this.deps.sealed.get(key);
      if (bytes === undefined) return;
      const list = readLeafList(bytes);
      if (!list) throw conflict(key, 'a leaf list', 'something that is none');
      const expected = leafListText(nextList(this.head, list.leaves, list.time));
      if (leafListText(list) !== expected) throw conflict(key, 'the list that follows here', 'another list');
      await this.#carryOut(list);
    }
  }

  async sealNew(): Promise<void> {
    let leaves: Leaf[] = [];
    let waiting: Collected[] = [];
    for await (const run of collect(this.deps)) {
      if (run.refused) this.refused.push(run.refused);
      leaves.push(...run.leaves);
      waiting.push(run);
      if (leaves.length < LEAVES_AT_ONCE) continue;
      for (; leaves.length >= LEAVES_AT_ONCE; leaves = leaves.slice(LEAVES_AT_ONCE))
        await this.#begin(leaves.slice(0, LEAVES_AT_ONCE));
      // The last run may be cut in two; its marker waits for its other half.
      await this.#settleMarkers(waiting.slice(0, -1));
      waiting = waiting.slice(-1);
      if (this.deps.now() > this.beginBefore) return;
    }
    if (leaves.length > 0) await this.#begin(leaves);
    await this.#settleMarkers(waiting);
  }

  async #begin(leaves: readonly Leaf[]): Promise<void> {
    const list = nextList(this.head, leaves, iso(this.deps.now()));
    const put = await this.deps.sealed.put(leafListKey(list.from), Buffer.from(leafListText(list)));
    if (put === 'stored') return this.#carryOut(list);
    // What was collected is not what comes next any more: the next look begins with what is there.
    const message = `Another sealer decided the leaves from ${list.from} on. Nothing was changed. The next look carries them out.`;
    throw new Failure('FenceLost', message, 'none');
  }

  async #carryOut(list: LeafList): Promise<void> {
    this.ledger = await commit(this.deps, this.ledger, this.fence, list);
    this.sealed += list.leaves.length;
    this.checkpoints += 1;
  }

  async #settleMarkers(runs: readonly Collected[]): Promise<void> {
    for (const { runId, fate } of runs) {
      if (fate === 'reopen') await this.deps.index.reopenRun(runId);
      if (fate !== 'drop') continue;
      await this.deps.index.dropMarker(runId);
      this.markersDropped += 1;
    }
  }
}

function refusal({ chain, runId, seq, expected, found }: Refused, count: number): Failure {
  const message = `${count} run(s) hold a record that cannot be sealed; everything else is sealed. The first: record ${seq} of ${chain}#${runId}: expected ${expected}, found ${found}. Look at it: gapless evidence show ${runId}`;
  return new Failure('EvidenceConflict', message.slice(0, 1_000), 'none');
}

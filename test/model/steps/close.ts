import { outcomeOf } from '../../../core/run/closing';
import { containmentsOf } from '../../../core/run/revoking';
import { categoryOf } from '../../../core/failure-category';
import type { Obligation } from '../../../core/ports/registry';
import { answersFor } from '../../../lambdas/steps/close/debts';
import { always, bad, afterwards, type Call, type Step } from '../call';
import { entry, factsOf, openedOf } from '../entries';
import { append, registry, type Scene, type Then } from '../ports';
import { LATER } from '../world';

const isHolder = ({ world, worker }: Scene): boolean => world.row.lease?.runId === worker.run;
const unverified = ({ run }: Scene): boolean => run.kind !== 'rotation' || run.outcome !== 'verified';

const facts = ({ run, worker }: Scene) => factsOf(run, worker.run);
const answers = (scene: Scene, owed: Obligation) =>
  answersFor(openedOf(scene.run, scene.worker.run), facts(scene), owed);

/** The versions a run had to see dead. */
function subjects(scene: Scene): readonly string[] {
  return [...containmentsOf(facts(scene)).map(({ versionId }) => versionId), bad(scene)];
}

const nameIn = ({ type, by, versionId }: Obligation) => `pay ${type} ${by} ${versionId}`;

/** lambdas/steps/close/run.ts: the verdict is taken from the chains again. */
const verdict: Call = {
  call: 'registry.standing',
  act: (scene) => {
    const { world, run, carried, memory } = scene;
    if (outcomeOf(facts(scene), undefined, []) !== 'verified') return { fails: 'Inconclusive' };
    if (world.row.slot !== undefined) memory.slot = world.row.slot;
    memory.todo = world.owed
      .filter((owed) => subjects(scene).includes(owed.versionId) || answers(scene, owed))
      .filter((owed) => isPaid(scene, owed))
      .map(nameIn);
    memory.suspects = openIntents(run.chain.slice(0, carried.seq));
    return undefined;
  },
};

function isPaid(scene: Scene, { type, versionId }: Obligation): boolean {
  if (type === 'refusal') return subjects(scene).includes(versionId);
  return scene.run.chain.some(
    (text) => text.startsWith('ChangeMade|Remove|') && text.includes(`|${versionId}|`),
  );
}

/** Items of intents that nobody recorded an outcome for, as lambdas/steps/close/intents.ts finds them. */
function openIntents(chain: readonly string[]): string[] {
  const count = (start: string) => chain.filter((text) => text.startsWith(start)).length;
  const open: string[] = [];
  for (const [index, text] of chain.entries()) {
    const [type, stage = '', item = ''] = text.split('|');
    if (type !== 'ChangeIntended') continue;
    const token = `${stage} ${item}`;
    const nth = chain
      .slice(0, index + 1)
      .filter((each) => each.startsWith(`ChangeIntended|${stage}|${item}|`));
    const outcomes =
      count(`ChangeMade|${stage}|${item}|`) +
      count(`ChangeMade|Close|${token}|`) +
      count(`ChangeMade|CloseFailed|${token}|`);
    if (nth.length > outcomes) open.push(token);
  }
  return open;
}

const resolves = (stage: 'Close' | 'CloseFailed'): Call => ({
  call: ({ memory }) => (memory.suspects?.length ? 'evidence.put' : 'none'),
  own: always,
  act: (scene) => {
    const [token, ...rest] = scene.memory.suspects ?? [];
    if (token === undefined) return undefined;
    const written = afterwards(append(scene, 'chain', entry.made(stage, null, 'unknown', token)));
    if (written !== undefined) return written;
    scene.memory.suspects = rest;
    return rest.length > 0 ? 'again' : undefined;
  },
});

function ends(scene: Scene, stage: 'Close' | 'CloseFailed', code: string): Then {
  const { run } = scene;
  const category = categoryOf(code);
  const cause =
    stage === 'Close'
      ? undefined
      : ({
          code,
          category: category === 'refused' || category === 'fenced' ? category : 'other',
          sentence: '',
        } as const);
  const owes = scene.world.owed.filter((owed) => answers(scene, owed)).map(nameIn);
  const outcome = outcomeOf(facts(scene), cause, owes);
  const written = afterwards(append(scene, 'chain', entry.closed(stage, outcome, code)));
  if (written === undefined) run.outcome = outcome;
  return written;
}

/** What is to be done about each obligation, as settled from `todo`: `pay` or `owe`, then `<type> <by> <version>`. */
const settlesDebts: Call = {
  call: ({ memory }) => {
    const [next] = memory.todo ?? [];
    if (next === undefined) return 'none';
    return next.startsWith('pay') ? 'registry.payObligation' : 'registry.openObligation';
  },
  own: ({ memory }) => memory.todo?.length === 0,
  act: (scene) => {
    const [next, ...rest] = scene.memory.todo ?? [];
    if (next === undefined) return undefined;
    const [what, type, by, versionId = ''] = next.split(' ');
    const side = by === 'revocation' ? 'revocation' : 'rotation';
    const named = type === 'removal' ? 'removal' : 'refusal';
    if (what === 'pay') registry.payObligation(scene, { versionId, type: named, by: side });
    else {
      const runId = side === 'revocation' ? (scene.run.about ?? scene.worker.run) : scene.worker.run;
      registry.openObligation(scene, { versionId, type: named, by: side, runId });
    }
    scene.memory.todo = rest;
    return rest.length > 0 ? 'again' : undefined;
  },
};

/** lambdas/steps/close/finish.ts: the next due time before the lease, the marker last. */
const schedules: Call = {
  call: (scene) => (unverified(scene) ? 'none' : 'registry.schedule'),
  own: unverified,
  act: ({ world, run, memory }) => {
    if (run.kind !== 'rotation' || run.outcome !== 'verified') return;
    // Slot 1 is due; slot 2 is not, so a run that was started by hand leaves it.
    const serves = run.slot === null ? memory.slot === '1' : run.slot === memory.slot;
    if (serves && world.row.slot === memory.slot)
      world.row = { ...world.row, slot: String(Number(memory.slot) + 1) };
  },
};
const releases: Call = {
  call: 'registry.releaseLease',
  own: (scene) => !isHolder(scene),
  act: registry.releaseLease,
};
const forgets: Call = {
  call: 'registry.forgetRun',
  own: always,
  act: ({ run }) => {
    run.marker = 'closed';
    return 'return';
  },
};

/** lambdas/steps/close/failed.ts: everything is read again, so that anybody can call it, any number of times. */
const reads: Call = {
  call: 'registry.identity',
  at: 'look',
  // A run that never had the identity, and touched nothing, closes without looking at anything that changes.
  own: (scene) => !isHolder(scene) && !scene.run.chain.some((text) => text.startsWith('ChangeIntended')),
  act: (scene) => {
    const { world, run, worker, carried, memory, who } = scene;
    // An execution closes only the run that is still its own (lambdas/steps/close/own.ts).
    if (worker.machine !== 'Settle' && (run.marker === 'closed' || run.execution !== who)) return 'return';
    if (run.chain.length === 0) return { to: run.marker === 'open' ? 'clear' : 'end' };
    carried.seq = run.chain.length;
    if (run.chain.some((text) => text.startsWith('RunClosed'))) return { to: 'finish' };
    memory.ours = world.row.lease?.runId === worker.run;
    if (memory.ours && world.row.busyUntil === LATER) return 'wait';
    const touched = run.chain.some((text) => text.startsWith('ChangeIntended'));
    memory.code =
      touched && !memory.ours && world.row.fence > run.fence ? 'FenceLost' : (worker.failure ?? '');
    carried.fence = memory.ours ? world.row.fence : run.fence;
    memory.row = world.row.versions;
    if (world.row.revoked) memory.revoked = true;
    memory.suspects = openIntents(run.chain);
    return undefined;
  },
};

/** lambdas/steps/close/left-behind.ts: the candidate of a rotation that the identity was taken from. */
function leftBehind({ run, worker, memory }: Scene): string[] {
  const left = memory.row?.find(({ runId, stage }) => runId === worker.run && stage === 'AWSPENDING');
  return !left || run.kind !== 'rotation' || memory.revoked ? [] : [`owe refusal rotation ${left.versionId}`];
}

/** lambdas/steps/close/debts.ts; a postponement changes times only. */
const debts: Call = {
  call: 'registry.obligationsOf',
  own: ({ memory }) => !memory.ours,
  act: (scene) => {
    const { world, memory, run } = scene;
    if (!memory.ours) {
      memory.todo = leftBehind(scene);
      return;
    }
    const refused = (version: string) =>
      run.proof
        .findLast(
          (text) =>
            text.startsWith('Judged|') && text.includes(`|${version}|`) && !text.includes('|accepted|'),
        )
        ?.endsWith('|proven');
    const mine = world.owed.filter((owed) => answers(scene, owed));
    memory.todo = mine.flatMap((owed) => {
      if (memory.code === 'ObligationWithdrawn' && owed.by === 'rotation') return [nameIn(owed)];
      if (owed.type !== 'refusal' || !refused(owed.versionId)) return [];
      const left = notRemoved(scene, owed) ? [`owe removal ${owed.by} ${owed.versionId}`] : [];
      return [...left, nameIn(owed)];
    });
  },
};

const removed = (text: string) => text.startsWith('ChangeMade|Remove|');

function notRemoved({ run, memory }: Scene, { by, versionId, remoteId }: Obligation): boolean {
  if (by === 'revocation') return !run.chain.some((text) => removed(text) && text.includes(`|${versionId}|`));
  const inForce = memory.row?.find(({ stage }) => stage === 'AWSCURRENT')?.remoteId;
  const proven = run.proof.some((text) => text.startsWith('Judged|ProveOld') && text.endsWith('|proven'));
  return proven && !run.chain.some(removed) && inForce !== remoteId;
}

const finishes: Call = {
  call: 'registry.identity',
  at: 'finish',
  own: unverified,
  act: ({ world, memory }) => void (world.row.slot !== undefined && (memory.slot = world.row.slot)),
};

/** Both ways in which a run closes. */
export const closingSteps: Readonly<Record<string, Step>> = {
  Close: [
    verdict,
    resolves('Close'),
    [{ call: 'evidence.put', act: (scene) => ends(scene, 'Close', '') }, settlesDebts],
    schedules,
    releases,
    forgets,
  ],
  CloseFailed: [
    reads,
    resolves('CloseFailed'),
    debts,
    settlesDebts,
    {
      call: 'evidence.put',
      act: (scene) => {
        const after = ends(scene, 'CloseFailed', scene.memory.code ?? '');
        return after === undefined ? undefined : { to: 'look' };
      },
    },
    finishes,
    schedules,
    releases,
    forgets,
    { ...releases, at: 'clear' },
    { ...forgets, at: 'end' },
  ],
};

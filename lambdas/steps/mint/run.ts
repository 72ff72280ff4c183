import type { Call, Subject } from '../../../core/call';
import type { Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import { change, type Outcome } from '../change';
import type { MutatorDeps } from '../deps';
import { baselineOf } from '../prove/consumers';
import { callAs, heldCurrent, mustHold, subjectOf, type Held } from '../subject';
import { assertRoom, census, strangersIn } from './census';
import type { Made } from './making';
import { assertNothingInTheWay } from './preconditions';
import { together } from '../together';
import { draw, make } from './styles';
import { versionIdOf } from './version-id';

/**
 * Makes the candidate: looked for what is in the way first, then made the way the kind can, durable as AWSPENDING.
 * @throws Failure of category `refused` before anything was changed; TargetUnreachable, TargetRejected, FenceLost
 */
export async function mint(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const candidateId = versionIdOf(run.runId);
  // Looks that change nothing: what the target says takes longest, so it is asked first.
  const looked = inUse(deps, run, policy, subject);
  const [currentId, { call, current: there }] = await together([
    assertNothingInTheWay(deps, policy, candidateId),
    looked,
  ]);
  const current = await stillCurrent(deps, { policy, subject, call }, there, currentId);
  const found = await census(deps, policy, subject, call, run.runId);
  assertRoom(deps, policy, found);
  const before = await baselineOf(deps, policy, candidateId);
  const isChosen = deps.connector.descriptor.issueStyle === 'chosen';
  const drawn = isChosen ? draw(deps, subject, current, call) : undefined;
  const intent = {
    stage: 'Mint',
    controls: policy.controls,
    change: 'mint',
    versionId: candidateId,
    supersededId: currentId,
    ...(drawn && { ready: drawn }),
  } as const;
  const { run: after, made } = await change(deps, run, intent, async (turn, row) => {
    const making = { run, policy, subject, candidateId, current, turn, row, call, drawn };
    return { ...outcome(await make(deps, making, found), currentId, strangersIn(found)), consumers: before };
  });
  const remoteIds = { [currentId]: current.remoteId, ...(made.remoteId && { [candidateId]: made.remoteId }) };
  return { ...after, candidate: candidateId, superseded: currentId, remoteIds, cut: made.cut };
}

/** The version in use and the authority to replace it, which the target has been asked about. */
async function inUse(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  subject: Subject,
): Promise<{ readonly call: Call; readonly current: Held }> {
  const [call, current] = await together([
    callAs(deps, run, policy, 'admin'),
    heldCurrent(deps, policy, subject),
  ]);
  await deps.connector.operations.preflight(subject, current, call);
  return { call, current };
}

/** The label may have moved between the two reads; then the target is asked about what it points to. */
async function stillCurrent(
  deps: MutatorDeps,
  { policy, subject, call }: { readonly policy: Policy; readonly subject: Subject; readonly call: Call },
  read: Held,
  currentId: string,
): Promise<Held> {
  if (read.versionId === currentId) return read;
  const current = await mustHold(deps, policy, subject, currentId);
  await deps.connector.operations.preflight(subject, current, call);
  return current;
}

function outcome(made: Made, supersededId: string, strangers: string | null): Outcome {
  const { versionId, remoteId, fingerprint, change: applied, detail } = made;
  return {
    effect: applied.effect,
    versionId,
    remoteId,
    fingerprint,
    supersededId,
    requestId: applied.requestId ?? null,
    cut: applied.cut ?? null,
    detail: [detail, strangers].filter(Boolean).join('; ').slice(0, 1_000) || null,
  };
}

import type { Call, Subject } from '../../../core/call';
import type { Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import { change, nothingToDo } from '../change';
import type { MutatorDeps } from '../deps';
import { inForceAgain, notInForce } from '../in-force-again';
import { callAs, mustHold, subjectOf, type Held } from '../subject';

/**
 * Somebody made the version current again that a run is to pay for. It has to work, so it is owed no refusal; whether it
 * does, the target says. Where it does not, a value of ours is put in force as the label wants it (docs/decisions/0009).
 * Where each version has a principal of its own nothing of ours is in force in its place, and this half of a kind presents
 * nothing: the run goes on with that version as the one in force, and ConfirmNew asks on every path.
 * @throws Failure ObligationWithdrawn once the target accepts it; closing the run then withdraws the obligation.
 *   NewNotAccepted while the target does not: then nothing is withdrawn
 */
export async function backInForce(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  versionId: string,
): Promise<RunState> {
  if (!deps.connector.probe) {
    const { controls } = policy;
    const left = { stage: 'Reassert', controls, change: 'reinstate', versionId, supersededId: null } as const;
    const { run: after } = await nothingToDo(deps, run, left, { versionId });
    return { ...after, candidate: versionId };
  }
  const subject = subjectOf(deps, policy);
  const version = await mustHold(deps, policy, subject, versionId);
  const call = await callAs(deps, run, policy, 'admin');
  if (await works(deps, subject, version, call)) throw inForceAgain(policy, versionId, 'accepts it');
  if (deps.connector.descriptor.issueStyle === 'chosen') {
    await putInForce(deps, run, policy, { subject, version, call });
    if (await works(deps, subject, version, call)) throw inForceAgain(policy, versionId, 'accepts it again');
  }
  throw notInForce(policy, versionId);
}

/** Whether the target accepts a version as it is; anything but a clear yes is no. Only a kind that replaces in place has to tell. */
export async function works(
  deps: MutatorDeps,
  subject: Subject,
  version: Held,
  call: Call,
): Promise<boolean> {
  const path = { id: 'direct' };
  const seen = await deps.connector.probe?.observe(subject, version, version.material, path, call);
  return seen?.verdict.state === 'accepted';
}

interface PutBack {
  readonly subject: Subject;
  readonly version: Held;
  readonly call: Call;
}

async function putInForce(
  deps: MutatorDeps,
  run: RunState,
  { controls }: Policy,
  { subject, version, call }: PutBack,
): Promise<void> {
  const { versionId, remoteId, material } = version;
  const intent = { stage: 'Reassert', controls, change: 'reinstate', versionId, supersededId: null } as const;
  await change(deps, run, intent, async () => {
    const {
      effect,
      cut = null,
      requestId = null,
    } = await deps.connector.operations.apply(subject, version, material, call);
    return { effect, versionId, remoteId, cut, requestId };
  });
}

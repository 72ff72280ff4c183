import { Failure } from '../../../core/failure';
import { paceOf } from '../../../core/pace';
import type { Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import { judgeAcceptance, type Finding } from '../../../core/verdict/judge';
import type { StepName } from '../contracts';
import type { ProberDeps } from '../deps';
import { assertCurrent } from '../in-force';
import { inForceAgain, notInForce } from '../in-force-again';
import { callAs, mustHold, subjectOf } from '../subject';
import { consumersOn, type Scene } from './consumers';
import { record, type Judged } from './record';
import { pathsOf, probe } from './rounds';

/**
 * Sees the new credential accepted, and a random one refused, on every path.
 * @throws Failure NewNotAccepted, Inconclusive, after the finding was recorded
 */
export async function proveNew(deps: ProberDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const scene = await sceneOf(deps, run, policy);
  const { run: after, judged } = await accepted(deps, scene, 'ProveNew', []);
  insist(policy, judged);
  return after;
}

/**
 * As proveNew, and every consumer seen on the new version. From here the old credential may be retired, for a while. Where
 * what is in force is the very version that is owed a refusal (Reassert found it so), its acceptance ends the run.
 * @throws Failure NewNotAccepted, Inconclusive, ConsumersBehind, after the finding was recorded; ObligationWithdrawn;
 *   LabelsMoved when the version asked about is not in force any more
 */
export async function confirmNew(deps: ProberDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const scene = await sceneOf(deps, run, policy);
  if (run.candidate === run.superseded) return confirmAgain(deps, scene);
  const consumers = await consumersOn(deps, scene);
  const { run: after, judged } = await accepted(deps, scene, 'ConfirmNew', consumers);
  insist(policy, judged);
  return { ...after, confirmedAt: Date.parse(judged.at) };
}

/** Nobody has to be told of a version that was current before, so no consumer is waited for. */
async function confirmAgain(deps: ProberDeps, scene: Scene): Promise<never> {
  const { policy, version } = scene;
  const { versionId } = version;
  const { judged } = await accepted(deps, scene, 'ConfirmNew', []);
  const current = await deps.vault.readCurrent(policy.secret);
  assertCurrent(policy, current.versionId, versionId);
  if (judged.finding === 'disproven') throw notInForce(policy, versionId);
  insist(policy, judged);
  throw inForceAgain(policy, versionId, 'accepts it on every path');
}

/** The candidate and the authority to look at it with; neither is read twice in one invocation. */
async function sceneOf(deps: ProberDeps, run: RunState, policy: Policy): Promise<Scene> {
  const subject = subjectOf(deps, policy);
  const [version, call] = await Promise.all([
    mustHold(deps, policy, subject, run.candidate ?? ''),
    callAs(deps, run, policy, 'control'),
  ]);
  return { run, policy, subject, call, version };
}

async function accepted(deps: ProberDeps, scene: Scene, stage: StepName, consumers: Judged['consumers']) {
  const { run, policy, subject, call, version } = scene;
  const paths = pathsOf(deps, policy, subject);
  const ids = paths.map((path) => path.id);
  const { propagationSeconds, probeBudgetSeconds } = paceOf(deps.connector.descriptor, subject);
  const cast = { subject: version, subjectIs: 'new', positive: undefined, positiveIs: 'control' } as const;
  const probing = await probe(deps, { subject, call, paths, cast }, (rounds, elapsedMs) => {
    const state = judgeAcceptance(rounds, ids).state;
    // Elsewhere not accepted yet proves nothing while the target's own propagation time has not passed.
    if (state === 'refused') return elapsedMs >= propagationSeconds * 1_000;
    return state === 'accepted' || elapsedMs >= probeBudgetSeconds * 1_000;
  });
  const finding = judgeAcceptance(probing.rounds, ids);
  const behind = consumers.filter((consumer) => consumer.state !== 'onNew');
  return record(deps, run, stage, policy.controls, {
    versionId: version.versionId,
    claim: 'accepted',
    finding: worthOf(finding, behind.length),
    cause: causeOf(finding, behind),
    observed: [...probing.observed],
    rule: { refusals: 0, windowMs: 0, paths: ids },
    lastAcceptedAt: finding.state === 'accepted' ? new Date(finding.lastAccepted).toISOString() : null,
    consumers,
  });
}

function worthOf(finding: Finding, behind: number): Judged['finding'] {
  switch (finding.state) {
    case 'accepted':
      return behind === 0 ? 'proven' : 'disproven';
    case 'refused':
      return 'disproven';
    case 'inconclusive':
      return 'inconclusive';
    default:
      return finding satisfies never;
  }
}

function causeOf(finding: Finding, behind: Judged['consumers']): string | null {
  if (finding.state === 'refused') return 'the new credential was refused';
  if (finding.state === 'inconclusive') return finding.cause;
  if (behind.length === 0) return null;
  const names = behind.map((consumer) => `${consumer.consumer} (${consumer.cause ?? consumer.state})`);
  return `not seen on the new version: ${names.join(', ')}`.slice(0, 1_000);
}

function insist(policy: Policy, judged: Judged): void {
  if (judged.finding === 'proven') return;
  const where = `Stage ${judged.stage} of ${policy.id}`;
  if (judged.finding === 'inconclusive') {
    const message = `${where} could not tell whether the new credential is accepted: ${judged.cause ?? 'no cause recorded'}. See that the target answers, then start again.`;
    throw new Failure('Inconclusive', message, 'none');
  }
  if (
    judged.consumers.some((consumer) => consumer.state !== 'onNew') &&
    judged.cause?.startsWith('not seen')
  ) {
    const message = `${where}: ${judged.cause}. See why these consumers do not reload, then start again.`;
    throw new Failure('ConsumersBehind', message, 'none');
  }
  const message = `${where}: ${judged.cause ?? 'the new credential was not accepted'}. See the target's log for the refusal, then start again.`;
  throw new Failure('NewNotAccepted', message, 'none');
}

import type { Call, Subject } from '../../../core/call';
import type { SessionScope } from '../../../core/connector';
import type { SessionsCounted } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import { sessionsOf } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { judgeRefusal, type Finding, type RefusalRule } from '../../../core/verdict/judge';
import type { StepName } from '../contracts';
import { iso, type ProberDeps } from '../deps';
import { callAs, mustHoldPair, subjectOf, type Held } from '../subject';
import { record, type Judged } from './record';
import { pathsOf, probe } from './rounds';

/** How long sessions may take to be gone, and how often they are counted, in milliseconds. */
const SESSIONS_WAIT_MS = 5_000;
const SESSIONS_PERIOD_MS = 50;

/**
 * Presents the credential that has to be dead: refused K times in a row on every path, with the good one accepted and a
 * random one refused beside it, and no session of it left.
 * @throws Failure OldStillAccepted, SessionsRemain, Inconclusive, after the finding was recorded
 */
export async function proveRefused(
  deps: ProberDeps,
  run: RunState,
  stage: 'ProveOld' | 'ProveRestored',
): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const [{ good, bad }, call] = await Promise.all([
    mustHoldPair(deps, policy, subject, run),
    callAs(deps, run, policy, 'control'),
  ]);
  const { finding, observed, rule } = await refusal(deps, policy, subject, call, { good, bad, stage });
  const sessions = await sessionsLeft(deps, sessionsOf(run, good, bad), subject, bad, call);
  const { run: after, judged } = await record(deps, run, stage, policy.controls, {
    versionId: bad.versionId,
    claim: 'refused',
    ...worthOf(finding, sessions),
    observed: [...observed],
    rule: { refusals: rule.refusals, windowMs: rule.windowMs, paths: [...rule.paths] },
    lastAcceptedAt: finding.lastAccepted === undefined ? null : iso(finding.lastAccepted),
    firstStableRefusalAt: finding.state === 'refused' ? iso(finding.firstStableRefusal) : null,
    sessions,
    sessionsZeroAt: sessions.after === 0 ? iso(deps.now()) : null,
  });
  insist(policy, stage, judged);
  return after;
}

async function refusal(
  deps: ProberDeps,
  policy: Policy,
  subject: Subject,
  call: Call,
  scene: { readonly good: Held; readonly bad: Held; readonly stage: StepName },
) {
  const { settle, probeBudgetSeconds, propagationSeconds, refusalSignals } = deps.connector.descriptor;
  const paths = pathsOf(policy);
  const rule: RefusalRule = {
    paths: paths.map((path) => path.id),
    refusals: settle.refusals,
    windowMs: settle.windowSeconds * 1_000,
    signals: refusalSignals,
    notBefore: 0,
  };
  const budgetMs = probeBudgetSeconds * 1_000;
  const acceptedMs = Math.min(
    budgetMs,
    (propagationSeconds + settle.windowSeconds) * 1_000 + settle.periodMs * settle.refusals,
  );
  const restored = scene.stage === 'ProveRestored';
  const cast = {
    subject: scene.bad,
    subjectIs: restored ? 'new' : 'old',
    positive: scene.good,
    positiveIs: restored ? 'old' : 'new',
  } as const;
  const probing = await probe(deps, { subject, call, paths, cast }, (rounds, elapsedMs) => {
    const { state } = judgeRefusal(rounds, rule);
    return state === 'refused' || elapsedMs >= (state === 'accepted' ? acceptedMs : budgetMs);
  });
  return { finding: judgeRefusal(probing.rounds, rule), observed: probing.observed, rule };
}

async function sessionsLeft(
  deps: ProberDeps,
  scope: SessionScope,
  subject: Subject,
  bad: Held,
  call: Call,
): Promise<SessionsCounted> {
  const unknown = { versionId: bad.versionId, before: null, after: null, countedBy: 'not counted' };
  switch (deps.connector.descriptor.sessions) {
    case 'none':
      return { ...unknown, countedBy: 'the kind has no sessions', method: 'none' };
    case 'bounded':
      return { ...unknown, method: 'bounded' };
    case 'countable':
      return countDown(deps, scope, subject, bad, call);
    default:
      return deps.connector.descriptor.sessions satisfies never;
  }
}

async function countDown(
  deps: ProberDeps,
  scope: SessionScope,
  subject: Subject,
  bad: Held,
  call: Call,
): Promise<SessionsCounted> {
  const started = deps.now();
  let before: number | null = null;
  for (;;) {
    try {
      const { count, countedBy } = await deps.connector.operations.countSessions(subject, bad, scope, call);
      before ??= count;
      const waited = deps.now() - started;
      if (count === 0 || waited >= SESSIONS_WAIT_MS) {
        return { versionId: bad.versionId, before, after: count, countedBy, method: 'counted' };
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { versionId: bad.versionId, before, after: null, countedBy: error.name, method: 'unknown' };
    }
    await deps.sleep(SESSIONS_PERIOD_MS);
  }
}

function worthOf(finding: Finding, sessions: SessionsCounted): Pick<Judged, 'finding' | 'cause'> {
  if (finding.state === 'accepted')
    return { finding: 'disproven', cause: `still accepted on path ${finding.path}` };
  if (finding.state === 'inconclusive') return { finding: 'inconclusive', cause: finding.cause };
  if (sessions.method === 'unknown')
    return { finding: 'inconclusive', cause: `sessions could not be counted: ${sessions.countedBy}` };
  if (sessions.after !== null && sessions.after > 0) {
    return {
      finding: 'disproven',
      cause: `${sessions.after} session(s) of it are still open (${sessions.countedBy})`,
    };
  }
  return { finding: 'proven', cause: null };
}

function insist(policy: Policy, stage: StepName, judged: Judged): void {
  if (judged.finding === 'proven') return;
  const which = stage === 'ProveOld' ? 'old' : 'abandoned new';
  const next = `It stays owed and Settle keeps trying; look at it with: gapless evidence show ${judged.runId}`;
  if (judged.finding === 'inconclusive') {
    const message = `Stage ${stage} of ${policy.id} could not prove that the ${which} credential is refused: ${judged.cause ?? 'no cause recorded'}. ${next}`;
    throw new Failure('Inconclusive', message, 'none');
  }
  const code = judged.sessions?.after ? 'SessionsRemain' : 'OldStillAccepted';
  throw new Failure(
    code,
    `Stage ${stage} of ${policy.id}: the ${which} credential is ${judged.cause ?? 'not refused'}. ${next}`,
    'none',
  );
}

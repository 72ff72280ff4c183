import type { Call, Subject } from '../../../core/call';
import type { SessionScope } from '../../../core/connector';
import type { CredentialVersion } from '../../../core/credential';
import type { Observed, SessionsCounted } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import { sessionsOf } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { judgeRefusal, type Finding, type RefusalRule } from '../../../core/verdict/judge';
import type { StepName } from '../contracts';
import { iso, type ProberDeps } from '../deps';
import { callAs, mustHoldPair, subjectOf } from '../subject';
import { record, type Judged, type Proof } from './record';
import { pathsOf, probe, type Cast } from './rounds';

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
  const restored = stage === 'ProveRestored';
  const cast = {
    subject: bad,
    subjectIs: restored ? 'new' : 'old',
    positive: good,
    positiveIs: restored ? 'old' : 'new',
  } as const;
  const { finding, observed, rule } = await refusal(deps, policy, subject, call, { cast, notBefore: 0 });
  const sessions = await sessionsLeft(deps, sessionsOf(run, good, bad), subject, bad, call);
  const { run: after, judged } = await record(deps, run, stage, policy.controls, {
    ...refusalProof(deps, bad.versionId, { finding, observed, rule }, sessions),
  });
  insist(policy, stage, judged);
  return after;
}

/** What was found of one credential, as its record says it. */
export function refusalProof(
  deps: Pick<ProberDeps, 'now'>,
  versionId: string,
  { finding, observed, rule }: Refusal,
  sessions: SessionsCounted,
): Proof {
  return {
    versionId,
    claim: 'refused',
    ...worthOf(finding, sessions),
    observed: [...observed],
    rule: { refusals: rule.refusals, windowMs: rule.windowMs, paths: [...rule.paths] },
    lastAcceptedAt: finding.lastAccepted === undefined ? null : iso(finding.lastAccepted),
    firstStableRefusalAt: finding.state === 'refused' ? iso(finding.firstStableRefusal) : null,
    sessions,
    sessionsZeroAt: sessions.after === 0 ? iso(deps.now()) : null,
  };
}

/** A judged credential: the finding, what was observed, and the rule it was held to. */
export interface Refusal {
  readonly finding: Finding;
  readonly observed: readonly Observed[];
  readonly rule: RefusalRule;
}

/**
 * Presents a credential until it is judged refused, or for as long as that can still become true. Rounds up to
 * `notBefore` (epoch ms) are worth nothing, so the time to probe begins there.
 */
export async function refusal(
  deps: ProberDeps,
  policy: Policy,
  subject: Subject,
  call: Call,
  { cast, notBefore }: { readonly cast: Cast; readonly notBefore: number },
): Promise<Refusal> {
  const { settle, probeBudgetSeconds, propagationSeconds, refusalSignals } = deps.connector.descriptor;
  const paths = pathsOf(policy);
  const rule: RefusalRule = {
    paths: paths.map((path) => path.id),
    refusals: settle.refusals,
    windowMs: settle.windowSeconds * 1_000,
    signals: refusalSignals,
    notBefore,
  };
  const budgetMs = probeBudgetSeconds * 1_000;
  const acceptedMs = Math.min(
    budgetMs,
    (propagationSeconds + settle.windowSeconds) * 1_000 + settle.periodMs * settle.refusals,
  );
  const probing = await probe(deps, { subject, call, paths, cast }, (rounds, elapsedMs) => {
    const { state } = judgeRefusal(rounds, rule);
    return state === 'refused' || elapsedMs >= (state === 'accepted' ? acceptedMs : budgetMs);
  });
  return { finding: judgeRefusal(probing.rounds, rule), observed: probing.observed, rule };
}

/** Counts what is open of a credential, until nothing is or it has taken too long. */
export async function sessionsLeft(
  deps: ProberDeps,
  scope: SessionScope,
  subject: Subject,
  bad: CredentialVersion,
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
  bad: CredentialVersion,
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

import type { Call, Subject } from '../../../core/call';
import type { CredentialVersion } from '../../../core/credential';
import type { Observed, SessionsCounted } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import { paceOf } from '../../../core/pace';
import type { Policy } from '../../../core/policy/schema';
import { sessionsOf } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { judgeRefusal, type Finding, type RefusalRule } from '../../../core/verdict/judge';
import type { StepName } from '../contracts';
import { iso, type ProberDeps } from '../deps';
import { callAs, mustHoldPair, subjectOf } from '../subject';
import { readBack } from './read-back';
import { record, type Judged, type Proof } from './record';
import { datedBack } from './refused-since';
import { pathsOf, probe, type Cast } from './rounds';
import { sessionsLeft, sessionsObjection } from './sessions';

/**
 * Presents the credential that has to be dead: refused K times in a row on every path, with the good one accepted and a
 * random one refused beside it, and no session of it left. What a run removes and nobody holds is read back.
 * @throws Failure OldStillAccepted, SessionsRemain, Inconclusive, after the finding was recorded
 */
export async function proveRefused(
  deps: ProberDeps,
  run: RunState,
  stage: 'ProveOld' | 'ProveRestored',
): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const unheld = await unheldIn(deps, policy, run);
  const proof = unheld
    ? await readBack(deps, { subject, call: await callAs(deps, run, policy, 'control') }, unheld)
    : await presented(deps, run, stage, { policy, subject });
  const { run: after, judged } = await record(deps, run, stage, policy.controls, proof);
  insist(policy, stage, judged);
  return after;
}

/** The version whose removal alone a run pays, where no vault holds it: its name at the target is noted (begin/pay.ts). */
async function unheldIn(
  deps: Pick<ProberDeps, 'vault'>,
  { secret }: Policy,
  { direction, superseded, remoteIds }: RunState,
): Promise<CredentialVersion | undefined> {
  const remoteId = direction === 'pay' ? remoteIds?.[superseded ?? ''] : undefined;
  if (superseded === null || remoteId === undefined) return undefined;
  const material = await deps.vault.read(secret, superseded);
  return material ? undefined : { versionId: superseded, remoteId };
}

async function presented(
  deps: ProberDeps,
  run: RunState,
  stage: 'ProveOld' | 'ProveRestored',
  { policy, subject }: { readonly policy: Policy; readonly subject: Subject },
): Promise<Proof> {
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
  const found = await refusal(deps, policy, subject, call, { cast, notBefore: 0 });
  const scope = sessionsOf(run, good, bad);
  const dated = await datedBack(deps, run, bad.versionId, found.finding);
  const sessions = await sessionsLeft(
    deps,
    { subject, version: bad, scope, call, beside: good.material },
    dated,
  );
  return refusalProof(deps, bad.versionId, found, sessions);
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
  const { refusalSignals, blockSignals = [] } = deps.connector.descriptor;
  const { settle, probeBudgetSeconds, propagationSeconds } = paceOf(deps.connector.descriptor, subject);
  const paths = pathsOf(deps, policy, subject);
  const rule: RefusalRule = {
    paths: paths.map((path) => path.id),
    refusals: settle.refusals,
    windowMs: settle.windowSeconds * 1_000,
    signals: refusalSignals,
    edgeSignals: blockSignals,
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

function worthOf(finding: Finding, sessions: SessionsCounted): Pick<Judged, 'finding' | 'cause'> {
  if (finding.state === 'accepted')
    return { finding: 'disproven', cause: `still accepted on path ${finding.path}` };
  if (finding.state === 'inconclusive') return { finding: 'inconclusive', cause: finding.cause };
  return sessionsObjection(sessions) ?? { finding: 'proven', cause: null };
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

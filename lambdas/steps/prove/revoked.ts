import type { Call, Subject } from '../../../core/call';
import type { LiveCredential } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import { containmentsOf, listedId, remoteIdOfListed } from '../../../core/run/revoking';
import type { RunState } from '../../../core/run/state';
import type { ProberDeps } from '../deps';
import { storyOf } from '../heads';
import { callAs, controlOf, held, subjectOf, type Held } from '../subject';
import { cutOff } from './consumers';
import { listed, readBack } from './read-back';
import { record, type Judged, type Proof } from './record';
import { refusal, refusalProof } from './refused';
import { datedBack } from './refused-since';
import { pathsOf, probe, type Cast } from './rounds';
import { sessionsLeft } from './sessions';

/** What a revocation is about, as its prover looks at it. */
interface Scene {
  readonly run: RunState;
  readonly policy: Policy;
  readonly subject: Subject;
  readonly call: Call;
  readonly control: Held;
}

/** A credential that was contained; without material it can only be read back. */
interface Suspect {
  readonly versionId: string;
  readonly remoteId: string;
  readonly held: Held | undefined;
}

/**
 * Presents every credential that the run contained, beside the target's control credential and a random one, and counts
 * their sessions. What nobody holds the material of is read back from the control plane. Credentials that turned up
 * since then count as not refused.
 * @throws Failure OldStillAccepted, SessionsRemain: contain again; Inconclusive; all after the findings were recorded
 */
export async function proveRevoked(deps: ProberDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const [{ call, control }, suspects] = await Promise.all([
    authority(deps, run, policy),
    suspectsOf(deps, run, policy, subject),
  ]);
  const scene = { run, policy, subject, call, control };
  await untilWorkersAreDone(deps, scene, suspects);
  const [proofs, live] = await Promise.all([
    Promise.all(suspects.map((suspect) => proofOf(deps, scene, suspect))),
    listed(deps, scene),
  ]);
  const all = [...proofs, ...lateArrivals(live, suspects)];
  const ids = suspects.map(({ versionId }) => versionId);
  const consumers = await cutOff(deps, policy, ids, all.every(sessionsGone) ? 'none' : 'left');
  let after = run;
  const judged: Judged[] = [];
  for (const proof of all) {
    const written = await record(deps, after, 'ProveRefused', policy.controls, { ...proof, consumers });
    after = written.run;
    judged.push(written.judged);
  }
  insist(policy, judged);
  return after;
}

function sessionsGone({ finding, sessions }: Proof): boolean {
  if (finding !== 'proven') return false;
  return sessions?.method === 'counted' ? sessions.after === 0 : sessions?.method !== 'unknown';
}

async function authority(deps: ProberDeps, run: RunState, policy: Policy) {
  const call = await callAs(deps, run, policy, 'control');
  return { call, control: controlOf(call) };
}

async function suspectsOf(
  deps: ProberDeps,
  run: RunState,
  policy: Policy,
  subject: Subject,
): Promise<readonly Suspect[]> {
  const contained = containmentsOf(await storyOf(deps.evidence, run.runId));
  return Promise.all(
    contained.map(async ({ versionId, remoteId }) => {
      const listed = remoteIdOfListed(versionId);
      const own = listed === undefined ? await heldOrNone(deps, policy, subject, versionId) : undefined;
      return { versionId, remoteId: own?.remoteId ?? listed ?? remoteId ?? '', held: own };
    }),
  );
}

async function heldOrNone(deps: ProberDeps, policy: Policy, subject: Subject, versionId: string) {
  try {
    return await held(deps, policy, subject, versionId);
  } catch (error) {
    if (error instanceof Failure && ['SecretMissing', 'InvalidInput'].includes(error.name)) return undefined;
    throw error;
  }
}

/**
 * A worker of the run that was preempted may act until its time is over, so refusals count only after it. One look is
 * taken at once: a credential that is still accepted is to be contained again, not waited for.
 */
async function untilWorkersAreDone(
  deps: ProberDeps,
  scene: Scene,
  suspects: readonly Suspect[],
): Promise<void> {
  const until = notBeforeOf(scene.run);
  if (until <= deps.now()) return;
  const paths = pathsOf(deps, scene.policy, scene.subject);
  const looks = suspects.flatMap(({ held: own }) =>
    own ? [probe(deps, { ...scene, paths, cast: castOf(scene, own) }, () => true)] : [],
  );
  const rounds = (await Promise.all(looks)).flatMap((look) => look.rounds);
  if (rounds.some((round) => round.subject.state === 'accepted')) return;
  await deps.sleep(Math.max(0, until - deps.now()) + 1);
}

function notBeforeOf(run: RunState): number {
  return run.notBefore === null ? 0 : Date.parse(run.notBefore);
}

function castOf({ control }: Scene, subject: Held): Cast {
  return { subject, subjectIs: 'old', positive: control, positiveIs: 'control' };
}

async function proofOf(deps: ProberDeps, scene: Scene, suspect: Suspect): Promise<Proof> {
  const { policy, subject, call, run } = scene;
  const { versionId, remoteId, held: own } = suspect;
  if (!own) return readBack(deps, scene, suspect);
  const found = await refusal(deps, policy, subject, call, {
    cast: castOf(scene, own),
    notBefore: notBeforeOf(run),
  });
  const version = { ...own, remoteId };
  const dated = await datedBack(deps, run, versionId, found.finding);
  const sessions = await sessionsLeft(deps, { subject, version, scope: {}, call }, dated);
  return refusalProof(deps, versionId, found, sessions);
}

/** Credentials of the identity that live at the target and were not among those contained. */
function lateArrivals(live: readonly LiveCredential[], suspects: readonly Suspect[]): readonly Proof[] {
  const known = suspects.map(({ remoteId }) => remoteId);
  return live
    .filter(
      ({ attributable, status, remoteId }) =>
        attributable && status === 'active' && !known.includes(remoteId),
    )
    .map(({ remoteId }) => ({
      versionId: listedId(remoteId),
      claim: 'contained',
      finding: 'disproven',
      cause: 'it is live at the target and was not there, or not active, when the others were contained',
      observed: [],
      rule: { refusals: 0, windowMs: 0, paths: [] },
    }));
}

function insist(policy: Policy, judged: readonly Judged[]): void {
  const bad = judged.filter(({ finding }) => finding === 'disproven');
  const open = judged.find(({ finding }) => finding === 'inconclusive');
  const [first] = bad;
  if (first) {
    const sessions = bad.every((proof) => (proof.sessions?.after ?? 0) > 0 && proof.lastAcceptedAt === null);
    const message = `${bad.length} credential(s) of ${policy.id} are not dead; the first is ${first.versionId ?? ''}: ${first.cause ?? 'not refused'}. They are contained again. What is owed stays owed: gapless obligations`;
    throw new Failure(sessions ? 'SessionsRemain' : 'OldStillAccepted', message, 'none');
  }
  if (!open) return;
  const message = `Whether version ${open.versionId ?? ''} of ${policy.id} is refused could not be told: ${open.cause ?? 'no cause recorded'}. It was contained as far as the target answered; it stays owed, and Settle keeps proving it. Look at: gapless obligations`;
  throw new Failure('Inconclusive', message, 'none');
}

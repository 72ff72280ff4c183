import type { Call, Subject } from '../../../core/call';
import type { Observed } from '../../../core/evidence/record';
import type { Observation, ProbePath } from '../../../core/probe';
import { paceOf } from '../../../core/pace';
import type { Policy } from '../../../core/policy/schema';
import type { Round } from '../../../core/verdict/judge';
import { iso, type ProberDeps } from '../deps';
import type { Held } from '../subject';

/** Who is presented in each round: the credential in question, and the positive control where there is one. */
export interface Cast {
  readonly subject: Held;
  readonly subjectIs: 'old' | 'new';
  readonly positive: Held | undefined;
  readonly positiveIs: 'new' | 'old' | 'control';
}

/** Rounds as the judge wants them, and what was observed, folded to one line per path and credential. */
export interface Probing {
  readonly rounds: readonly Round[];
  readonly observed: readonly Observed[];
}

/**
 * What takes long is asked less often: a wait is at least this share of the time that has passed. A target in trouble
 * gets some dozens of logins instead of hundreds, and an answer is seen at most that share later.
 */
export const SLOWING = 0.05;

/** The direct way to the target, which is always one of the paths, those its kind knows, and those the policy lists. */
export function pathsOf(
  { connector }: Pick<ProberDeps, 'connector'>,
  policy: Policy,
  { target }: Subject,
): readonly ProbePath[] {
  return [{ id: 'direct' }, ...(connector.descriptor.pathsOf?.(target) ?? []), ...policy.target.paths];
}

/**
 * Presents the cast on every path, a round every `periodMs` of its kind, until `done` says so or the budget is spent. The credentials of
 * one round go one after the other: two logins racing each other would say nothing about order.
 */
export async function probe(
  deps: Pick<ProberDeps, 'connector' | 'now' | 'sleep'>,
  scene: {
    readonly subject: Subject;
    readonly call: Call;
    readonly paths: readonly ProbePath[];
    readonly cast: Cast;
  },
  done: (rounds: readonly Round[], elapsedMs: number) => boolean,
): Promise<Probing> {
  const { settle } = paceOf(deps.connector.descriptor, scene.subject);
  const started = deps.now();
  const rounds: Round[] = [];
  const lines = new Map<string, Observed>();
  for (;;) {
    const began = deps.now();
    for (const path of scene.paths) rounds.push(await oneRound(deps, scene, path, lines));
    const ended = deps.now();
    const elapsedMs = ended - started;
    if (done(rounds, elapsedMs)) return { rounds, observed: [...lines.values()] };
    await deps.sleep(Math.max(settle.periodMs - (ended - began), elapsedMs * SLOWING));
  }
}

async function oneRound(
  deps: Pick<ProberDeps, 'connector' | 'now'>,
  scene: { readonly subject: Subject; readonly call: Call; readonly cast: Cast },
  path: ProbePath,
  lines: Map<string, Observed>,
): Promise<Round> {
  const { cast, call } = scene;
  const present = async (operation: Observed['operation'], held: Held, versionId: string | null) => {
    const observation = await deps.connector.probe.observe(scene.subject, held, held.material, path, call);
    note(lines, path.id, operation, versionId, observation, iso(deps.now()));
    return observation.verdict;
  };
  // The positive control goes first: if the target cannot be reached at all, that is known before the old one is tried.
  const positive = cast.positive && (await present(cast.positiveIs, cast.positive, cast.positive.versionId));
  const subject = await present(cast.subjectIs, cast.subject, cast.subject.versionId);
  const at = deps.now();
  const stranger = {
    ...cast.subject,
    material: deps.connector.probe.randomLike(cast.subject.material, call),
  };
  const negative = await present('random', stranger, null);
  return { path: path.id, at, subject, positive, negative };
}

function note(
  lines: Map<string, Observed>,
  path: string,
  operation: Observed['operation'],
  versionId: string | null,
  observation: Observation,
  at: string,
): void {
  const key = `${path} ${operation}`;
  const earlier = lines.get(key);
  lines.set(key, {
    path,
    operation,
    versionId,
    verdict: observation.verdict,
    rawCode: observation.rawCode,
    latencyMs: Math.round(observation.latencyMs * 10) / 10,
    attempts: (earlier?.attempts ?? 0) + 1,
    firstAt: earlier?.firstAt ?? at,
    lastAt: at,
  });
}

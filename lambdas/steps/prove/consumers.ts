import type { Call, Subject } from '../../../core/call';
import type { HttpConsumer } from '../../../core/consumer';
import type { ConsumerObserved } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Consumer, Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import type { ProberDeps } from '../deps';
import type { Held } from '../subject';

/** How long ConfirmNew waits for consumers to be seen on the new version, and how often it looks, in milliseconds. */
const WAIT_MS = 20_000;
const PERIOD_MS = 100;
const HTTP_TIMEOUT_MS = 3_000;

/** One identity in the middle of a run, as a proving stage looks at it. */
export interface Scene {
  readonly run: RunState;
  readonly policy: Policy;
  readonly subject: Subject;
  readonly call: Call;
  readonly version: Held;
}

/** Looks at every listed consumer until all are on the version or the wait is over. Each is reported as last seen. */
export async function consumersOn(deps: ProberDeps, scene: Scene): Promise<ConsumerObserved[]> {
  const started = deps.now();
  for (;;) {
    const seen = await Promise.all(scene.policy.consumers.map((consumer) => look(deps, scene, consumer)));
    if (seen.every((one) => one.state === 'onNew') || deps.now() - started >= WAIT_MS) return seen;
    await deps.sleep(PERIOD_MS);
  }
}

async function look(deps: ProberDeps, scene: Scene, consumer: Consumer): Promise<ConsumerObserved> {
  switch (consumer.observe) {
    case 'http':
      return lookByHttp(deps, scene.version.versionId, consumer);
    case 'target-sessions':
      return lookBySessions(deps, scene, consumer);
    default:
      return consumer satisfies never;
  }
}

/** Where the http consumers stand: which version, and how many calls have failed so far. */
export async function baselineOf(
  deps: Pick<ProberDeps, 'consumers'>,
  policy: Policy,
  versionId: string,
): Promise<ConsumerObserved[]> {
  const listed = policy.consumers.filter((consumer) => consumer.observe === 'http');
  return Promise.all(listed.map((consumer) => lookByHttp(deps, versionId, consumer)));
}

async function lookByHttp(
  deps: Pick<ProberDeps, 'consumers'>,
  wanted: string,
  consumer: Extract<Consumer, { observe: 'http' }>,
): Promise<ConsumerObserved> {
  const blank = { consumer: consumer.id, observer: 'http', versionId: null, failedCalls: null, cause: null };
  try {
    const seen = await deps.consumers.observe(httpConsumer(consumer), HTTP_TIMEOUT_MS);
    const state = seen.versionId === wanted ? 'onNew' : 'onOld';
    const cause = state === 'onNew' ? null : `reports ${seen.versionId ?? 'no version'}`;
    return {
      ...blank,
      versionId: seen.versionId ?? null,
      state,
      failedCalls: seen.failedCalls ?? null,
      cause,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...blank, state: 'unknown', cause: error.message.slice(0, 300) };
  }
}

/**
 * Where the consumers stand after a revocation: without access when they are on a version that was revoked, or on none,
 * and, where only the target can tell, when no session is left.
 */
export async function cutOff(
  deps: Pick<ProberDeps, 'consumers'>,
  policy: Policy,
  revoked: readonly string[],
  sessions: 'none' | 'left',
): Promise<ConsumerObserved[]> {
  return Promise.all(
    policy.consumers.map(async (consumer): Promise<ConsumerObserved> => {
      if (consumer.observe === 'http') return withoutAccess(await lookByHttp(deps, '', consumer), revoked);
      const state = sessions === 'none' ? 'withoutAccess' : 'onOld';
      const cause = sessions === 'none' ? null : 'sessions of the revoked credential are open';
      const { id, observe: observer } = consumer;
      return { consumer: id, observer, versionId: null, failedCalls: null, state, cause };
    }),
  );
}

function withoutAccess(seen: ConsumerObserved, revoked: readonly string[]): ConsumerObserved {
  if (seen.state === 'unknown') return seen;
  if (seen.versionId === null || revoked.includes(seen.versionId))
    return { ...seen, state: 'withoutAccess', cause: null };
  return { ...seen, state: 'unknown', cause: `reports ${seen.versionId}, which this run knows nothing of` };
}

/** The policy's http entry as the consumer port takes it. */
export function httpConsumer(consumer: Extract<Consumer, { observe: 'http' }>): HttpConsumer {
  const { id, url, allowPrivate } = consumer;
  return { id, url, ...(allowPrivate !== undefined && { allowPrivate }) };
}

/** The target's own session list: the consumer is on the new version when it has sessions only that version can open. */
async function lookBySessions(
  deps: ProberDeps,
  scene: Scene,
  consumer: Extract<Consumer, { observe: 'target-sessions' }>,
): Promise<ConsumerObserved> {
  const { run, subject, call, version } = scene;
  const client = consumer.client === undefined ? {} : { client: consumer.client };
  const scope = { ...client, ...(run.cut !== null && { startedAfter: run.cut }) };
  const blank = { consumer: consumer.id, observer: 'target-sessions', failedCalls: null };
  try {
    const { count, countedBy } = await deps.connector.operations.countSessions(subject, version, scope, call);
    if (count > 0) return { ...blank, versionId: version.versionId, state: 'onNew', cause: null };
    return {
      ...blank,
      versionId: null,
      state: 'onOld',
      cause: `no session on the new version (${countedBy})`,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...blank, versionId: null, state: 'unknown', cause: error.message.slice(0, 300) };
  }
}

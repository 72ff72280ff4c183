import { AbortedError, checkSize, StateError } from '../errors';
import { innerAbort, orAborted } from '../frame';
import { carried } from '../history';
import { INTEGER, messageOf } from '../json';
import type { TaskCall } from '../ports';
import { withRecovery } from '../recovery';
import type { Fields } from '../schema';
import type { Outcome, Visit } from '../visit';

/** Task: performs an integration under TimeoutSeconds and HeartbeatSeconds, Retry and Catch. */
export async function runTask(state: Fields<'Task'>, visit: Visit): Promise<Outcome> {
  try {
    return await withRecovery(visit, state, () => attempt(state, visit));
  } catch (failure) {
    if (visit.frame.within === 'branch') visit.frame.track.add('TaskStateAborted');
    throw failure;
  }
}

async function attempt(state: Fields<'Task'>, visit: Visit): Promise<Outcome> {
  const { surface } = visit.frame;
  if (state.Resource.endsWith('.waitForTaskToken')) visit.token = surface.chance.uuid();
  const timeout = await seconds(state, visit, 'TimeoutSeconds');
  const heartbeat = await seconds(state, visit, 'HeartbeatSeconds');
  const given = 'Arguments' in state ? await visit.evaluate(state.Arguments, 'Arguments') : visit.input;
  checkSize(given, visit.name);
  const events = taskEvents(state.Resource, visit, { timeout, heartbeat });
  events.scheduled(given);
  events.started();
  const result = await performed(visit, events, {
    resource: state.Resource,
    arguments: given,
    stateName: visit.name,
    context: visit.context,
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatSeconds: heartbeat }),
  });
  events.succeeded(result);
  return visit.exit(state, result, state.Next, { result });
}

async function seconds(
  state: Fields<'Task'>,
  visit: Visit,
  field: 'TimeoutSeconds' | 'HeartbeatSeconds',
): Promise<number | undefined> {
  if (state[field] === undefined) return undefined;
  const value = await visit.evaluateAs(INTEGER, state[field], field);
  if (value > 0) return value;
  throw visit.evaluationFailed(`The ${field} field must be positive but was: ${value}`, field);
}

async function performed(
  visit: Visit,
  events: TaskEvents,
  call: Omit<TaskCall, 'signal' | 'submitted' | 'beat'>,
): Promise<unknown> {
  const { surface, signal } = visit.frame;
  const abort = innerAbort(signal);
  const watch = watchTime(surface.clock, call);
  try {
    const work = surface.tasks.run({
      ...call,
      signal: abort.signal,
      submitted: events.submitted,
      beat: watch.beat,
    });
    // A result that comes after its timeout belongs to nobody.
    work.catch(() => undefined);
    const result = (await orAborted(Promise.race([work, watch.expired]), signal)) ?? null;
    checkSize(result, events.limitName);
    return result;
  } catch (failure) {
    if (failure instanceof StateError) events.failed(failure);
    else if (!(failure instanceof AbortedError)) throw internalFailure(visit, failure);
    throw failure;
  } finally {
    watch.cancel();
    abort.abort();
  }
}

function internalFailure(visit: Visit, failure: unknown): StateError {
  return new StateError('States.Runtime', visit.inState(messageOf(failure)));
}

interface Watch {
  readonly expired: Promise<never>;
  beat(this: void): void;
  cancel(): void;
}

// AWS records States.Timeout for a missed heartbeat too; Retry and Catch also know it as States.HeartbeatTimeout.
function watchTime(
  clock: Visit['frame']['surface']['clock'],
  { timeoutSeconds, heartbeatSeconds }: { timeoutSeconds?: number; heartbeatSeconds?: number },
): Watch {
  const abort = new AbortController();
  const expired = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true });
  });
  expired.catch(() => undefined);
  const after = (limit: number | undefined, aliases: readonly string[]) =>
    limit === undefined
      ? undefined
      : clock.schedule(clock.now() + 1000 * limit, () =>
          abort.abort(new StateError('States.Timeout', undefined, aliases)),
        );
  const whole = after(timeoutSeconds, []);
  let pulse = after(heartbeatSeconds, ['States.HeartbeatTimeout']);
  return {
    expired,
    beat: () => {
      pulse?.cancel();
      pulse = after(heartbeatSeconds, ['States.HeartbeatTimeout']);
    },
    cancel: () => {
      whole?.cancel();
      pulse?.cancel();
    },
  };
}

interface TaskEvents {
  /** What AWS calls this task when its result is too large. */
  readonly limitName: string;
  scheduled(given: unknown): void;
  started(): void;
  submitted(this: void, output: unknown): void;
  succeeded(output: unknown): void;
  failed(failure: StateError): void;
}

interface Limits {
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
}

function taskEvents(resource: string, visit: Visit, limits: Limits): TaskEvents {
  const integration = /^arn:[^:]+:states:::(aws-sdk:[^:]+|[^:]+):(.+)$/.exec(resource);
  const prefix = integration ? 'Task' : 'LambdaFunction';
  const names = integration ? { resourceType: integration[1], resource: integration[2] } : undefined;
  const { track, surface } = visit.frame;
  const times = {
    ...(limits.timeout === undefined ? {} : { timeoutInSeconds: limits.timeout }),
    ...(limits.heartbeat === undefined ? {} : { heartbeatInSeconds: limits.heartbeat }),
  };
  const add = (event: string, details?: Record<string, unknown>): void =>
    void track.add(`${prefix}${event}`, details);
  return {
    limitName: integration?.[1] ?? resource,
    scheduled: (given) =>
      names
        ? add('Scheduled', { ...names, region: surface.region, parameters: JSON.stringify(given), ...times })
        : add('Scheduled', { resource, ...carried('input', given), ...times }),
    started: () => add('Started', names),
    submitted: (output) => add('Submitted', { ...names, ...carried('output', output) }),
    succeeded: (output) => add('Succeeded', { ...names, ...carried('output', output) }),
    failed: ({ error, detail }) =>
      add(error === 'States.Timeout' ? 'TimedOut' : 'Failed', {
        ...names,
        ...(error === undefined ? {} : { error }),
        ...(detail === undefined ? {} : { cause: detail }),
      }),
  };
}

import type { Clock, Scheduled } from '../../clock';
import { AbortedError, checkSize, StateError } from '../errors';
import { innerAbort, orAborted } from '../frame';
import { carried } from '../history';
import { INTEGER, messageOf, type Json } from '../json';
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
  const timeout = await seconds(visit, state.TimeoutSeconds, 'TimeoutSeconds');
  const heartbeat = await seconds(visit, state.HeartbeatSeconds, 'HeartbeatSeconds');
  const limits: Limits = { timeout, heartbeat };
  const given = await visit.argumentsOf(state);
  checkSize(given, visit.name);
  const events = taskEvents(state.Resource, visit);
  events.scheduled(given, limits);
  events.add('Started');
  const call = { resource: state.Resource, arguments: given, stateName: visit.name, context: visit.context };
  const result = await performed(visit, events, limits, call);
  events.add('Succeeded', carried('output', result));
  return visit.exit(state, result, state.Next, { result });
}

/** Seconds; none where there is no limit. */
type Limits = Readonly<Record<'timeout' | 'heartbeat', number | undefined>>;

async function seconds(visit: Visit, template: unknown, field: string): Promise<number | undefined> {
  const value = await visit.evaluateIfGiven(INTEGER, template, field);
  if (value === undefined || value > 0) return value;
  throw visit.evaluationFailed(`The ${field} field must be positive but was: ${value}`, field);
}

async function performed(
  visit: Visit,
  events: ReturnType<typeof taskEvents>,
  limits: Limits,
  call: Omit<TaskCall, 'signal' | 'submitted'>,
): Promise<unknown> {
  const { surface, signal } = visit.frame;
  const abort = innerAbort(signal);
  const limit = timeLimit(surface.clock, limits);
  try {
    const submitted = (output: unknown) => events.add('Submitted', carried('output', output));
    const work = surface.tasks.run({ ...call, signal: abort.signal, submitted });
    // A result that comes after its timeout belongs to nobody.
    work.catch(() => undefined);
    const result = (await orAborted(Promise.race([work, limit.expired]), signal)) ?? null;
    checkSize(result, events.limitName);
    return result;
  } catch (failure) {
    if (failure instanceof AbortedError) throw failure;
    if (!(failure instanceof StateError))
      throw new StateError('States.Runtime', visit.inState(messageOf(failure)));
    const { error, cause } = failure;
    events.add(error === 'States.Timeout' ? 'TimedOut' : 'Failed', { error, cause });
    throw failure;
  } finally {
    limit.cancel();
    // Given a reason, it does not make an error with a stack that nobody reads.
    abort.abort('ended');
  }
}

// AWS records States.Timeout for a missed heartbeat too; Retry and Catch also know it as States.HeartbeatTimeout.
// Nothing here sends heartbeats, so the first interval without one is the last.
function timeLimit(clock: Clock, { timeout = Infinity, heartbeat = Infinity }: Limits) {
  const seconds = Math.min(timeout, heartbeat);
  const aliases = heartbeat < timeout ? ['States.HeartbeatTimeout'] : [];
  let timer: Scheduled | undefined;
  const expired = new Promise<never>((_, reject) => {
    const late = () => reject(new StateError('States.Timeout', undefined, aliases));
    if (seconds < Infinity) timer = clock.schedule(clock.now() + 1000 * seconds, late);
  });
  return { expired, cancel: () => timer?.cancel() };
}

/** Records the events of one attempt, under the names AWS has for functions and for other integrations. */
function taskEvents(resource: string, { frame: { track, context } }: Visit) {
  const [, resourceType, name] = /^arn:[^:]+:states:::(aws-sdk:[^:]+|[^:]+):(.+)$/.exec(resource) ?? [];
  const add = (event: string, details?: Json) => {
    if (resourceType) track.add(`Task${event}`, { resourceType, resource: name, ...details });
    else track.add(`LambdaFunction${event}`, details);
  };
  const scheduled = (given: unknown, { timeout, heartbeat }: Limits) => {
    const region = context.StateMachine.Id.split(':')[3];
    const what = resourceType
      ? { region, parameters: JSON.stringify(given) }
      : { resource, ...carried('input', given) };
    add('Scheduled', { ...what, timeoutInSeconds: timeout, heartbeatInSeconds: heartbeat });
  };
  // What AWS calls this task when its result is too large.
  return { add, scheduled, limitName: resourceType ?? resource };
}

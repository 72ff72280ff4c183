import type { MapState } from '../definition';
import { StateError } from '../errors';
import { innerAbort } from '../frame';
import { INTEGER, messageOf, STRING } from '../json';
import type { Visit } from '../visit';
import { inTurns, selected, type MapLimits, type MapWork } from './map';

// Step Functions service quotas, "Maximum number of parallel child workflow executions" of a Map Run.
const MOST_CHILDREN_AT_ONCE = 10_000;

/**
 * Map DISTRIBUTED: each item is an execution of its own. The result holds the outputs of the children that
 * succeeded, in the order of the items; failures within the tolerance are left out.
 */
export const distributed =
  (state: MapState, visit: Visit): MapWork =>
  (limits, items) =>
    mapRun(state, visit, limits, items);

async function mapRun(
  state: MapState,
  visit: Visit,
  limits: MapLimits,
  inline: readonly unknown[] | undefined,
): Promise<unknown[]> {
  const { track, surface, context } = visit.frame;
  const label = state.Label ?? visit.name;
  const machineArn = context.StateMachine.Id.replace(':stateMachine:', ':mapRun:');
  track.add('MapRunStarted', { mapRunArn: `${machineArn}/${label}:${surface.chance.uuid()}` });
  try {
    const items = inline ?? (await readItems(state, visit));
    const inputs: unknown[] = [];
    for (const [index, item] of items.entries()) inputs.push(await selected(state, visit, item, index));
    const result = await runChildren(state, visit, limits, inputs);
    track.add('MapRunSucceeded');
    return result;
  } catch (failure) {
    if (failure instanceof StateError)
      track.add('MapRunFailed', { error: failure.error, cause: failure.detail });
    throw failure;
  }
}

async function readItems(state: MapState, visit: Visit): Promise<readonly unknown[]> {
  const { Arguments, ReaderConfig } = state.ItemReader!;
  const { reader } = visit.frame.surface;
  const bucket = await visit.evaluateAs(STRING, Arguments.Bucket, 'ItemReader/Arguments/Bucket');
  const key = await visit.evaluateAs(STRING, Arguments.Key, 'ItemReader/Arguments/Key');
  if (!reader) throw new StateError('States.ItemReaderFailed', 'There is nothing to read S3 objects with.');
  const text = await reader.readObject(bucket, key, visit.context);
  const items = parseItems(text);
  if (ReaderConfig.MaxItems === undefined) return items;
  const most = await visit.evaluateAs(INTEGER, ReaderConfig.MaxItems, 'ItemReader/ReaderConfig/MaxItems');
  if (most < 0) throw new StateError('States.ItemReaderFailed', 'field MaxItems must be positive');
  return most === 0 ? items : items.slice(0, most);
}

function parseItems(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (failure) {
    throw new StateError('States.ItemReaderFailed', `The object is not JSON: ${messageOf(failure)}`);
  }
  if (Array.isArray(value)) return value;
  throw new StateError('States.ItemReaderFailed', 'Attempting to map over non-iterable node.');
}

async function runChildren(
  state: MapState,
  visit: Visit,
  limits: MapLimits,
  work: readonly unknown[],
): Promise<unknown[]> {
  const { surface, signal } = visit.frame;
  const abort = innerAbort(signal);
  const label = state.Label ?? visit.name;
  let failures = 0;
  const runOne = async (input: unknown) => {
    try {
      const { processor: workflow } = state;
      const output = await surface.startChild({ workflow, input, label, signal: abort.signal });
      return [output];
    } catch (failure) {
      if (!(failure instanceof StateError)) throw failure;
      failures += 1;
      if (tolerated(failures, work.length, limits)) return [];
      const cause = 'The specified tolerated failure threshold was exceeded';
      throw new StateError('States.ExceedToleratedFailureThreshold', cause);
    }
  };
  const concurrency = Math.min(limits.concurrency, MOST_CHILDREN_AT_ONCE);
  return (await inTurns(work, concurrency, abort, runOne)).flat(1);
}

// With both limits set the Map Run fails when either is exceeded (developer guide, "Tolerated failure threshold").
function tolerated(failures: number, all: number, limits: MapLimits): boolean {
  const { failureCount, failurePercentage } = limits;
  if (failureCount === undefined && failurePercentage === undefined) return false;
  if (failureCount !== undefined && failures > failureCount) return false;
  return failurePercentage === undefined || (100 * failures) / all <= failurePercentage;
}

import type { MapState } from '../definition';
import { StateError } from '../errors';
import { innerAbort } from '../frame';
import { parseJson, STRING } from '../json';
import type { Visit } from '../visit';
import { inTurns, selected, type MapLimits, type MapWork } from './map';

/**
 * Map DISTRIBUTED: each item is an execution of its own. The result holds the outputs of the children that
 * succeeded, in the order of the items; failures within the tolerance are left out.
 */
export function distributed(state: MapState, visit: Visit): MapWork {
  const { track, surface, context } = visit.frame;
  return async (limits, given) => {
    const label = state.Label ?? visit.name;
    const machineArn = context.StateMachine.Id.replace(':stateMachine:', ':mapRun:');
    track.add('MapRunStarted', { mapRunArn: `${machineArn}/${label}:${surface.chance.uuid()}` });
    try {
      const inputs: unknown[] = [];
      for (const [index, item] of (given ?? (await readItems(state, visit))).entries())
        inputs.push(await selected(state, visit, item, index));
      const result = await runChildren(state, visit, limits, inputs);
      track.add('MapRunSucceeded');
      return result;
    } catch (failure) {
      if (failure instanceof StateError)
        track.add('MapRunFailed', { error: failure.error, cause: failure.cause });
      throw failure;
    }
  };
}

const unreadable = (cause: string) => new StateError('States.ItemReaderFailed', cause);

async function readItems(state: MapState, visit: Visit): Promise<readonly unknown[]> {
  const { Arguments } = state.ItemReader!;
  const bucket = await visit.evaluateAs(STRING, Arguments.Bucket, 'ItemReader/Arguments/Bucket');
  const key = await visit.evaluateAs(STRING, Arguments.Key, 'ItemReader/Arguments/Key');
  const text = await visit.frame.surface.tasks.readObject(bucket, key, visit.context);
  const items = parseJson(text, (why) => unreadable(`The object is not JSON: ${why}`));
  if (Array.isArray(items)) return items;
  throw unreadable('Attempting to map over non-iterable node.');
}

async function runChildren(
  state: MapState,
  visit: Visit,
  limits: MapLimits,
  work: readonly unknown[],
): Promise<unknown[]> {
  const { surface, signal: outer } = visit.frame;
  const abort = innerAbort(outer);
  const { Label: label = visit.name, processor: workflow } = state;
  const { signal } = abort;
  let failures = 0;
  const runOne = async (input: unknown) => {
    try {
      return [await surface.startChild({ workflow, input, label, signal })];
    } catch (failure) {
      if (!(failure instanceof StateError)) throw failure;
      failures += 1;
      if (tolerated(failures, work.length, limits)) return [];
      const cause = 'The specified tolerated failure threshold was exceeded';
      throw new StateError('States.ExceedToleratedFailureThreshold', cause);
    }
  };
  return (await inTurns(work, limits.concurrency, abort, runOne)).flat(1);
}

// With both limits set the Map Run fails when either is exceeded (developer guide, "Tolerated failure threshold").
function tolerated(failures: number, all: number, { failureCount, failurePercentage }: MapLimits): boolean {
  if (failureCount === undefined && failurePercentage === undefined) return false;
  return failures <= (failureCount ?? Infinity) && (100 * failures) / all <= (failurePercentage ?? 100);
}

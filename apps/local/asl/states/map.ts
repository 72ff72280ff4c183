import type { MapState, Workflow } from '../definition';
import { AbortedError } from '../errors';
import { innerAbort, Variables, type Frame } from '../frame';
import { ARRAY, INTEGER, NUMBER, type Expected } from '../json';
import { withRecovery } from '../recovery';
import type { Outcome, Visit } from '../visit';
import { firstFailureStops, type RunWorkflow } from './parallel';

/** Map INLINE: runs the item processor for each item, at most MaxConcurrency at once (0 = no limit). */
export function runMap(state: MapState, visit: Visit, run: RunWorkflow): Promise<Outcome> {
  const { track } = visit.frame;
  const attempt = async (): Promise<Outcome> => {
    const limits = await mapLimits(state, visit);
    const items = await inlineItems(state, visit);
    track.add('MapStateStarted', { length: items.length });
    const result = await iterate(state, visit, items, limits.concurrency, run);
    track.add('MapStateSucceeded');
    return visit.exit(state, result, state.Next, { result });
  };
  return withRecovery(visit, state, attempt, () => track.add('MapStateFailed'));
}

type LimitField = 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage';

/** Concurrency and tolerance of a Map, evaluated; Infinity stands for no limit. */
export interface MapLimits {
  readonly concurrency: number;
  readonly failureCount: number | undefined;
  readonly failurePercentage: number | undefined;
}

/** Evaluates MaxConcurrency and the tolerance fields. @throws StateError States.QueryEvaluationError */
export async function mapLimits(state: MapState, visit: Visit): Promise<MapLimits> {
  const optional = async (type: Expected<number>, field: LimitField): Promise<number | undefined> =>
    state[field] === undefined ? undefined : visit.evaluateAs(type, state[field], field);
  const concurrency = (await optional(INTEGER, 'MaxConcurrency')) ?? 0;
  const failureCount = await optional(INTEGER, 'ToleratedFailureCount');
  const failurePercentage = await optional(NUMBER, 'ToleratedFailurePercentage');
  const limits = { concurrency: concurrency === 0 ? Infinity : concurrency, failureCount, failurePercentage };
  if (concurrency < 0) throw visit.evaluationFailed('MaxConcurrency cannot be negative.', 'MaxConcurrency');
  if ((failureCount ?? 0) < 0)
    throw visit.evaluationFailed('ToleratedFailureCount cannot be negative.', 'ToleratedFailureCount');
  if (!within100(failurePercentage ?? 0)) {
    throw visit.evaluationFailed(
      'ToleratedFailurePercentage must be between 0 and 100.',
      'ToleratedFailurePercentage',
    );
  }
  return limits;
}

function within100(percentage: number): boolean {
  return percentage >= 0 && percentage <= 100;
}

/** The items of a Map that has them in the state: from Items, else the input. @throws StateError States.QueryEvaluationError */
export async function inlineItems(state: MapState, visit: Visit): Promise<readonly unknown[]> {
  if (state.Items !== undefined) return visit.evaluateAs(ARRAY, state.Items, 'Items');
  if (Array.isArray(visit.input)) return visit.input;
  throw visit.evaluationFailed(`Map state input must be an array but was: ${JSON.stringify(visit.input)}`);
}

/** What one iteration works on: the item, or what ItemSelector makes of it. */
export function selected(state: MapState, visit: Visit, item: unknown, index: number): Promise<unknown> {
  if (!('ItemSelector' in state)) return Promise.resolve(item);
  return visit.evaluate(state.ItemSelector, 'ItemSelector', { map: { Item: { Index: index, Value: item } } });
}

async function iterate(
  state: MapState,
  visit: Visit,
  items: readonly unknown[],
  concurrency: number,
  run: RunWorkflow,
): Promise<unknown[]> {
  const abort = innerAbort(visit.frame.signal);
  return inTurns(items, concurrency, abort, async (item, index) => {
    const input = await selected(state, visit, item, index);
    return runIteration(state.processor, visit, { input, index, item, signal: abort.signal }, run);
  });
}

interface Iteration {
  readonly input: unknown;
  readonly index: number;
  readonly item: unknown;
  readonly signal: AbortSignal;
}

async function runIteration(
  workflow: Workflow,
  visit: Visit,
  iteration: Iteration,
  run: RunWorkflow,
): Promise<unknown> {
  const outer = visit.frame;
  const { index, item, signal, input } = iteration;
  const track = outer.track.fork();
  const marker = { name: visit.name, index };
  const frame: Frame = {
    ...outer,
    variables: new Variables(outer.variables),
    track,
    signal,
    context: { ...outer.context, Map: { Item: { Index: index, Value: item } } },
    within: 'iteration',
  };
  track.add('MapIterationStarted', marker);
  try {
    const output = await run(workflow, frame, input);
    track.add('MapIterationSucceeded', marker);
    return output;
  } catch (failure) {
    track.add(failure instanceof AbortedError ? 'MapIterationAborted' : 'MapIterationFailed', marker);
    throw failure;
  }
}

/** Works through items in order with at most `concurrency` at once; the first failure stops the rest. */
export function inTurns<T>(
  items: readonly unknown[],
  concurrency: number,
  abort: AbortController,
  work: (item: unknown, index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !abort.signal.aborted) {
      const index = next++;
      results[index] = await work(items[index], index);
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, worker);
  return firstFailureStops(workers, abort).then(() => results);
}

import type { MapState } from '../definition';
import { AbortedError } from '../errors';
import { innerAbort, innerFrame } from '../frame';
import type { Track } from '../history';
import { ARRAY, INTEGER, NUMBER, type Expected, type Json } from '../json';
import { withRecovery } from '../recovery';
import type { Outcome, Visit } from '../visit';
import { firstFailureStops } from './parallel';

/** Works through the items; none are given when the state reads them from S3. */
export type MapWork = (limits: MapLimits, items: readonly unknown[] | undefined) => Promise<unknown[]>;

/** Map: evaluates its limits and its items, does the work, at most MaxConcurrency items at once (0 = no limit). */
export function runMap(state: MapState, visit: Visit, work: MapWork): Promise<Outcome> {
  const { track } = visit.frame;
  const attempt = async (): Promise<Outcome> => {
    const limits = await mapLimits(state, visit);
    const items = state.ItemReader ? undefined : await inlineItems(state, visit);
    track.add('MapStateStarted', { length: items?.length ?? 0 });
    const result = await work(limits, items);
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

async function mapLimits(state: MapState, visit: Visit): Promise<MapLimits> {
  const limit = async (expected: Expected<number>, field: LimitField, most = Infinity) => {
    const value = await visit.evaluateIfGiven(expected, state[field], field);
    if (value === undefined || (value >= 0 && value <= most)) return value;
    throw visit.evaluationFailed(`${field} must be between 0 and ${most} but was: ${value}`, field);
  };
  const concurrency = (await limit(INTEGER, 'MaxConcurrency')) || Infinity;
  const failureCount = await limit(INTEGER, 'ToleratedFailureCount');
  return {
    concurrency,
    failureCount,
    failurePercentage: await limit(NUMBER, 'ToleratedFailurePercentage', 100),
  };
}

async function inlineItems(state: MapState, visit: Visit): Promise<readonly unknown[]> {
  if (state.Items !== undefined) return visit.evaluateAs(ARRAY, state.Items, 'Items');
  if (Array.isArray(visit.input)) return visit.input;
  throw visit.evaluationFailed(`Map state input must be an array but was: ${JSON.stringify(visit.input)}`);
}

/** What one iteration works on: the item, or what ItemSelector makes of it. */
export async function selected(state: MapState, visit: Visit, item: unknown, index: number) {
  if (!('ItemSelector' in state)) return item;
  return visit.evaluate(state.ItemSelector, 'ItemSelector', { map: { Item: { Index: index, Value: item } } });
}

/** Map INLINE: each item is an iteration inside this execution. */
export function inline(state: MapState, visit: Visit): MapWork {
  const { frame: outer, name } = visit;
  return ({ concurrency }, items = []) => {
    const abort = innerAbort(outer.signal);
    return inTurns(items, concurrency, abort, async (item, index) => {
      const input = await selected(state, visit, item, index);
      const context = { ...outer.context, Map: { Item: { Index: index, Value: item } } };
      const frame = innerFrame(outer, { signal: abort.signal, within: 'iteration', context });
      return marked(frame.track, { name, index }, () => outer.surface.run(state.processor, frame, input));
    });
  };
}

/** Records how an iteration begins and ends. */
async function marked(track: Track, marker: Json, iteration: () => Promise<unknown>): Promise<unknown> {
  track.add('MapIterationStarted', marker);
  try {
    const output = await iteration();
    track.add('MapIterationSucceeded', marker);
    return output;
  } catch (failure) {
    track.add(failure instanceof AbortedError ? 'MapIterationAborted' : 'MapIterationFailed', marker);
    throw failure;
  }
}

/** Works through items in order with at most `concurrency` at once; the first failure stops the rest. */
export async function inTurns<T>(
  items: readonly unknown[],
  concurrency: number,
  abort: AbortController,
  work: (item: unknown, index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  // Workers draw from one iterator, so that each item is taken once and in order.
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) {
      if (abort.signal.aborted) return;
      results[index] = await work(item, index);
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, worker);
  await firstFailureStops(workers, abort);
  return results;
}

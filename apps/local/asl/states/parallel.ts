import type { ParallelState } from '../definition';
import { checkSize } from '../errors';
import { innerAbort, innerFrame } from '../frame';
import { withRecovery } from '../recovery';
import type { Outcome, Visit } from '../visit';

/** Parallel: all branches at once on the same input; the first failure stops the others. */
export function runParallel(state: ParallelState, visit: Visit): Promise<Outcome> {
  const { frame: outer } = visit;
  const { track, context, surface } = outer;
  const attempt = async (): Promise<Outcome> => {
    const input = await visit.argumentsOf(state);
    checkSize(input, visit.name);
    track.add('ParallelStateStarted');
    const abort = innerAbort(outer.signal);
    const running = state.branches.map((branch) => {
      const frame = innerFrame(outer, { signal: abort.signal, within: 'branch', context });
      return surface.run(branch, frame, input);
    });
    const result = await firstFailureStops(running, abort);
    track.add('ParallelStateSucceeded');
    return visit.exit(state, result, state.Next, { result });
  };
  return withRecovery(visit, state, attempt, () => track.add('ParallelStateFailed'));
}

/** All results, or the first failure once everything else has stopped. */
export async function firstFailureStops<T>(running: readonly Promise<T>[], abort: AbortController) {
  try {
    return await Promise.all(running);
  } catch (failure) {
    abort.abort();
    await Promise.allSettled(running);
    throw failure;
  } finally {
    // Lets go of the outer signal; nothing runs any more.
    abort.abort();
  }
}

import type { ParallelState, Workflow } from '../definition';
import { checkSize } from '../errors';
import { innerAbort, innerFrame, type Frame } from '../frame';
import { withRecovery } from '../recovery';
import type { Outcome, Visit } from '../visit';

/** Runs a workflow inside another; handed in so that states and flow do not import each other. */
export type RunWorkflow = (workflow: Workflow, frame: Frame, input: unknown) => Promise<unknown>;

/** Parallel: all branches at once on the same input; the first failure stops the others. */
export function runParallel(state: ParallelState, visit: Visit, run: RunWorkflow): Promise<Outcome> {
  const { track } = visit.frame;
  const attempt = async (): Promise<Outcome> => {
    const input = 'Arguments' in state ? await visit.evaluate(state.Arguments, 'Arguments') : visit.input;
    checkSize(input, visit.name);
    track.add('ParallelStateStarted');
    const result = await runBranches(state.branches, visit.frame, input, run);
    track.add('ParallelStateSucceeded');
    return visit.exit(state, result, state.Next, { result });
  };
  return withRecovery(visit, state, attempt, () => track.add('ParallelStateFailed'));
}

async function runBranches(
  branches: readonly Workflow[],
  outer: Frame,
  input: unknown,
  run: RunWorkflow,
): Promise<unknown[]> {
  const abort = innerAbort(outer.signal);
  const running = branches.map(async (branch) => {
    const frame = innerFrame(outer, { signal: abort.signal, within: 'branch', context: outer.context });
    return run(branch, frame, input);
  });
  return firstFailureStops(running, abort);
}

/** All results, or the first failure once everything else has stopped. */
export async function firstFailureStops<T>(
  running: readonly Promise<T>[],
  abort: AbortController,
): Promise<T[]> {
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

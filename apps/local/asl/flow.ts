import type { State } from './definition';
import { AbortedError, StateError } from './errors';
import type { RunWorkflow } from './frame';
import { distributed } from './states/distributed-map';
import { runChoice, runFail, runPass, runWait } from './states/plain';
import { inline, runMap } from './states/map';
import { runParallel } from './states/parallel';
import { runTask } from './states/task';
import { Visit, type Outcome } from './visit';

/** See {@link RunWorkflow}. */
export const runWorkflow: RunWorkflow = async ({ startAt, states }, frame, input) => {
  let here: Outcome = { output: input, next: startAt };
  while (here.next !== undefined) {
    if (frame.signal.aborted) throw new AbortedError('stopped');
    const state = states.get(here.next);
    if (!state) throw new StateError('States.Runtime', `There is no state '${here.next}'.`);
    here = await runState(state, new Visit(frame, state.Type, here.next, here.output));
  }
  return here.output;
};

function runState(state: State, visit: Visit): Promise<Outcome> {
  switch (state.Type) {
    case 'Pass':
    case 'Succeed':
      return runPass(state, visit);
    case 'Task':
      return runTask(state, visit);
    case 'Choice':
      return runChoice(state, visit);
    case 'Wait':
      return runWait(state, visit);
    case 'Fail':
      return runFail(state, visit);
    case 'Parallel':
      return runParallel(state, visit);
    case 'Map': {
      const alone = state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
      return runMap(state, visit, alone ? distributed(state, visit) : inline(state, visit));
    }
    default:
      return state satisfies never;
  }
}

import type { State, Workflow } from './definition';
import { AbortedError } from './errors';
import type { Frame } from './frame';
import { distributed } from './states/distributed-map';
import { runChoice, runFail, runPass, runSucceed, runWait } from './states/plain';
import { inline, runMap } from './states/map';
import { runParallel } from './states/parallel';
import { runTask } from './states/task';
import { Visit, type Outcome } from './visit';

/** Runs a workflow from its first state to its end and gives its output. @throws StateError, AbortedError */
export async function runWorkflow(workflow: Workflow, frame: Frame, input: unknown): Promise<unknown> {
  let name = workflow.startAt;
  let value = input;
  for (;;) {
    if (frame.signal.aborted) throw new AbortedError('stopped');
    // Targets are checked when the definition is read.
    const state = workflow.states.get(name)!;
    const { output, next } = await runState(state, new Visit(frame, state.Type, name, value));
    if (next === undefined) return output;
    name = next;
    value = output;
  }
}

function runState(state: State, visit: Visit): Promise<Outcome> {
  switch (state.Type) {
    case 'Pass':
      return runPass(state, visit);
    case 'Task':
      return runTask(state, visit);
    case 'Choice':
      return runChoice(state, visit);
    case 'Wait':
      return runWait(state, visit);
    case 'Succeed':
      return runSucceed(state, visit);
    case 'Fail':
      return runFail(state, visit);
    case 'Parallel':
      return runParallel(state, visit, runWorkflow);
    case 'Map': {
      const alone = state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
      return runMap(state, visit, alone ? distributed(state, visit) : inline(state, visit, runWorkflow));
    }
    default:
      return state satisfies never;
  }
}

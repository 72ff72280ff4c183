import type { Stamp } from '../../core/evidence/chain';
import type { RunState } from '../../core/run/state';
import type { StepName } from './contracts';
import type { Deps } from './deps';

/** A step, or what writes records outside of a state machine: Settle's look, a decision, a review, a look at the API log. */
export type Stage = StepName | 'Settle' | 'Decide' | 'Review' | 'Confirm';

/** What every record of a step carries besides its statement. */
export function stampOf(
  deps: Pick<Deps, 'ledgerId' | 'code'>,
  run: Pick<RunState, 'runId' | 'fence' | 'actor'>,
  stage: Stage,
  controls: readonly string[],
): Stamp {
  const { ledgerId, code } = deps;
  return { ledgerId, code, runId: run.runId, fence: run.fence, actor: run.actor, stage, controls };
}

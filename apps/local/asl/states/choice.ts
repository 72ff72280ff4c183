import { StateError } from '../errors';
import { BOOLEAN } from '../json';
import type { Fields } from '../schema';
import type { Outcome, Visit } from '../visit';

/** Choice: the first rule whose Condition is true decides; its own Output and Assign count, else those of the state. */
export async function runChoice(state: Fields<'Choice'>, visit: Visit): Promise<Outcome> {
  for (const [index, rule] of state.Choices.entries()) {
    const met = await visit.evaluateAs(BOOLEAN, rule.Condition, `Choices[${index}]/Condition`);
    if (met) return visit.exit(rule, visit.input, rule.Next);
  }
  if (state.Default !== undefined) return visit.exit(state, visit.input, state.Default);
  throw new StateError(
    'States.NoChoiceMatched',
    visit.inState('No Choices rule matched and there is no Default.'),
  );
}

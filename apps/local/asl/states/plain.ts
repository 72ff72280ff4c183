import { StateError } from '../errors';
import { STRING } from '../json';
import type { Fields } from '../schema';
import type { Outcome, Visit } from '../visit';

/** Pass: hands its input on, or its Output. */
export function runPass(state: Fields<'Pass'>, visit: Visit): Promise<Outcome> {
  return visit.exit(state, visit.input, state.Next);
}

/** Succeed: ends its workflow with its input, or its Output. */
export function runSucceed(state: Fields<'Succeed'>, visit: Visit): Promise<Outcome> {
  return visit.exit(state, visit.input, undefined);
}

/** Fail: ends its workflow with Error and Cause, each optional. */
export async function runFail(state: Fields<'Fail'>, visit: Visit): Promise<never> {
  const error = state.Error === undefined ? undefined : await visit.evaluateAs(STRING, state.Error, 'Error');
  const cause = state.Cause === undefined ? undefined : await visit.evaluateAs(STRING, state.Cause, 'Cause');
  throw new StateError(error, cause);
}

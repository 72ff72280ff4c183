import * as z from 'zod/mini';
import { StateError } from '../errors';
import { waitUntil } from '../frame';
import { BOOLEAN, INTEGER, STRING } from '../json';
import type { Fields } from '../schema';
import type { Outcome, Visit } from '../visit';

const OffsetDateTime = z.iso.datetime({ offset: true });
// Amazon States Language, Wait: the longest wait in seconds.
const LONGEST_WAIT_SECONDS = 99_999_999;

/** Pass hands its input on, Succeed ends its workflow with it; either with its Output in place of the input. */
export function runPass(state: Fields<'Pass' | 'Succeed'>, visit: Visit): Promise<Outcome> {
  return visit.exit(state, visit.input, 'Next' in state ? state.Next : undefined);
}

/** Fail: ends its workflow with Error and Cause, each optional. */
export async function runFail(state: Fields<'Fail'>, visit: Visit): Promise<never> {
  const error = await visit.evaluateIfGiven(STRING, state.Error, 'Error');
  const cause = await visit.evaluateIfGiven(STRING, state.Cause, 'Cause');
  throw new StateError(error, cause);
}

/** Choice: the first rule whose Condition is true decides; its own Output and Assign count, else those of the state. */
export async function runChoice(state: Fields<'Choice'>, visit: Visit): Promise<Outcome> {
  for (const [index, rule] of state.Choices.entries()) {
    const met = await visit.evaluateAs(BOOLEAN, rule.Condition, `Choices[${index}]/Condition`);
    if (met) return visit.exit(rule, visit.input, rule.Next);
  }
  if (state.Default !== undefined) return visit.exit(state, visit.input, state.Default);
  const why = visit.inState('No Choices rule matched and there is no Default.');
  throw new StateError('States.NoChoiceMatched', why);
}

/** Wait: until Seconds from now have passed, or until Timestamp; a moment in the past passes at once. */
export async function runWait(state: Fields<'Wait'>, visit: Visit): Promise<Outcome> {
  const now = visit.frame.surface.clock.now();
  const { Timestamp: moment } = state;
  const until = moment ? await timestamp(moment, visit) : now + 1000 * (await seconds(state, visit));
  if (until > now) await waitUntil(visit.frame, until);
  return visit.exit(state, visit.input, state.Next);
}

async function seconds(state: Fields<'Wait'>, visit: Visit): Promise<number> {
  const value = await visit.evaluateAs(INTEGER, state.Seconds, 'Seconds');
  if (value >= 0 && value <= LONGEST_WAIT_SECONDS) return value;
  const why = `The Seconds field must be between 0 and ${LONGEST_WAIT_SECONDS} but was: ${value}`;
  throw visit.evaluationFailed(why, 'Seconds');
}

async function timestamp(field: string, visit: Visit): Promise<number> {
  const text = await visit.evaluateAs(STRING, field, 'Timestamp');
  if (OffsetDateTime.safeParse(text).success) return Date.parse(text);
  const why = 'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string';
  throw visit.evaluationFailed(`${why}: ${text}`, 'Timestamp');
}

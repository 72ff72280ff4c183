import { StateError } from './errors';
import { waitUntil } from './frame';
import type { Fields, Retrier } from './schema';
import type { Outcome, Visit } from './visit';

/** The Retry and Catch fields of a state. */
export type RecoveryFields = Pick<Fields<'Task'>, 'Retry' | 'Catch'>;

// Errors that the wildcards leave alone (Step Functions developer guide, "Handling errors").
const TERMINAL = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/**
 * Runs `attempt` under a state's Retry and Catch.
 * @param failed called once when no retry is left, before a Catch is looked for
 */
export async function withRecovery(
  visit: Visit,
  fields: RecoveryFields,
  attempt: () => Promise<Outcome>,
  failed: () => void = () => undefined,
): Promise<Outcome> {
  const used = new Map<Retrier, number>();
  visit.retryCount = 0;
  for (;;) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof StateError)) throw failure;
      const retrier = fields.Retry?.find((candidate) => matches(candidate.ErrorEquals, failure));
      const before = retrier ? (used.get(retrier) ?? 0) : 0;
      if (!retrier || before >= (retrier.MaxAttempts ?? 3)) {
        failed();
        return caught(visit, fields, failure);
      }
      used.set(retrier, before + 1);
      const { clock, chance } = visit.frame.surface;
      await waitUntil(visit.frame, clock.now() + delayMs(retrier, before, chance.random));
      visit.retryCount += 1;
    }
  }
}

async function caught(visit: Visit, fields: RecoveryFields, failure: StateError): Promise<Outcome> {
  const catcher = fields.Catch?.find((candidate) => matches(candidate.ErrorEquals, failure));
  if (!catcher) throw failure;
  return visit.exit(catcher, failure.output, catcher.Next, { errorOutput: failure.output });
}

/** Whether ErrorEquals names this failure, directly or by a wildcard. */
function matches(names: readonly string[], failure: StateError): boolean {
  const { error } = failure;
  return names.some((name) => {
    if (name === error || failure.aliases.includes(name)) return true;
    if (error !== undefined && TERMINAL.has(error)) return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}

function delayMs(retrier: Retrier, retriesBefore: number, random: () => number): number {
  const backoff = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** retriesBefore;
  const capped = Math.min(backoff, retrier.MaxDelaySeconds ?? Infinity);
  return Math.round(1000 * (retrier.JitterStrategy === 'FULL' ? capped * random() : capped));
}

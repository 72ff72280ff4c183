/** A failure as a state machine catches it (`$states.errorOutput`): the error's name, and for Lambda a JSON cause. */
export interface RawFailure {
  readonly Error: string;
  readonly Cause: string;
}

/** What a responder reads in the console. */
export interface Sentence {
  readonly error: string;
  readonly cause: string;
}

/** Names of errors that are the platform's, not ours, in words. */
const platform: Readonly<Record<string, string>> = {
  'Runtime.ExitError': 'The worker process ended in the middle of a step, more often than it is retried.',
  'Sandbox.Timedout': 'A step ran into its time limit, more often than it is retried.',
  'States.Timeout': 'A step ran into its time limit, more often than it is retried.',
};

/** The sentence of a failure. Lambda gives the cause as JSON with the message in it; anything else is taken as it is. */
export function sentenceOf(failure: RawFailure): Sentence {
  const known = platform[failure.Error];
  if (known !== undefined)
    return { error: failure.Error, cause: `${known} What was owed stays owed; Settle goes on with it.` };
  return { error: failure.Error, cause: messageIn(failure.Cause).slice(0, 1_000) };
}

function messageIn(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (parsed !== null && typeof parsed === 'object' && 'errorMessage' in parsed)
      return String(parsed.errorMessage);
    return cause;
  } catch {
    return cause;
  }
}

/** A failure inside an execution, under the name that Retry and Catch match on. */
export class StateError extends Error {
  override readonly name = 'StateError';

  constructor(
    /** Error name and cause are both optional, as in a Fail state. */
    readonly error: string | undefined,
    override readonly cause?: string | undefined,
    /** Further names this failure answers to in ErrorEquals. */
    readonly aliases: readonly string[] = [],
  ) {
    super(cause ?? error ?? 'the execution failed without an error name');
  }

  /** The value of `$states.errorOutput`. */
  get output(): Record<string, unknown> {
    return { Error: this.error, Cause: this.cause };
  }
}

/** The execution (or the branch it is thrown in) was stopped from outside; never seen by Retry and Catch. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
}

/** A state machine definition that cannot be run here, found before anything was created. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';

  constructor(
    /** The feature or field at fault, for example `JSONPath` or `ItemReader.ReaderConfig.InputType`. */
    readonly feature: string,
    /** Path of state names from the outside in; empty for the machine itself. */
    readonly path: readonly string[],
    explanation: string,
  ) {
    const where = path.length === 0 ? 'state machine' : `state '${path.join('/')}'`;
    super(`${where}: ${feature}: ${explanation}. Nothing was created.`);
  }
}

/** Largest input, output or argument in bytes of UTF-8 (Step Functions service quotas, "Maximum input or output size"). */
export const DATA_LIMIT_BYTES = 256 * 1024;

/** @throws StateError States.DataLimitExceeded when `value` as JSON is larger than {@link DATA_LIMIT_BYTES}. */
export function checkSize(value: unknown, stateOrTask: string): void {
  const text = JSON.stringify(value) ?? '';
  if (Buffer.byteLength(text) <= DATA_LIMIT_BYTES) return;
  const subject = `The state/task '${stateOrTask}' returned a result with a size`;
  const why = `${subject} exceeding the maximum number of bytes service limit.`;
  throw new StateError('States.DataLimitExceeded', why);
}

import { checkSize, StateError } from './errors';
import { evaluateTemplate, ExpressionError, expressionIn } from './expression';
import type { Frame } from './frame';
import { carried } from './history';
import { isJson, jsonType, type Expected } from './json';
import type { ContextObject } from './ports';
import type { Fields } from './schema';

/** What a state did: its output, and the state that follows (none at the end of its workflow). */
export interface Outcome {
  readonly output: unknown;
  readonly next: string | undefined;
}

/** Values an expression sees under `$states` besides input and context. */
export interface StateValues {
  readonly result?: unknown;
  readonly errorOutput?: unknown;
  readonly map?: ContextObject['Map'];
}

type ResultFields = Pick<Fields<'Task'>, 'Output' | 'Assign'>;

/** One visit of one state: its history events, its expressions, its exit. */
export class Visit {
  /** Retries so far, `$states.context.State.RetryCount`. */
  retryCount: number | undefined;
  /** Task token, for a task that waits for a callback. */
  token: string | undefined;
  private readonly enteredId: number;
  private readonly enteredTime: string;

  constructor(
    readonly frame: Frame,
    readonly type: string,
    readonly name: string,
    readonly input: unknown,
  ) {
    this.enteredTime = new Date(frame.surface.clock.now()).toISOString();
    this.enteredId = frame.track.add(`${type}StateEntered`, { name, ...carried('input', input) });
  }

  get context(): ContextObject {
    const { retryCount: RetryCount, token: Token } = this;
    const retries = RetryCount === undefined ? {} : { RetryCount };
    const State = { Name: this.name, EnteredTime: this.enteredTime, ...retries };
    return { ...this.frame.context, State, ...(Token === undefined ? {} : { Task: { Token } }) };
  }

  /** Evaluates a field. @throws StateError States.QueryEvaluationError, after recording EvaluationFailed */
  async evaluate(template: unknown, field: string, values: StateValues = {}): Promise<unknown> {
    const { map, ...others } = values;
    const context = map ? { ...this.context, Map: map } : this.context;
    const { variables, surface } = this.frame;
    const states = { input: this.input, context, ...others };
    const bindings = { ...variables.all(), ...surface.library, states };
    try {
      return await evaluateTemplate(template, field, bindings);
    } catch (failure) {
      if (failure instanceof ExpressionError) throw this.evaluationFailed(failure.message, field);
      throw failure;
    }
  }

  /** What a state hands to its work: its Arguments, or its input. */
  async argumentsOf(state: { readonly Arguments?: unknown }): Promise<unknown> {
    return 'Arguments' in state ? this.evaluate(state.Arguments, 'Arguments') : this.input;
  }

  /** Evaluates a field that must give one type. @throws StateError States.QueryEvaluationError */
  async evaluateAs<T>(expected: Expected<T>, template: unknown, field: string): Promise<T> {
    const value = await this.evaluate(template, field);
    if (expected.is(value)) return value;
    const written = typeof template === 'string' ? template : JSON.stringify(template);
    const subject = `The JSONata expression '${expressionIn(written) ?? written}' specified for the field '${field}'`;
    const type = `Expected '${expected.name}', but was '${jsonType(value)}' for value: ${JSON.stringify(value)}`;
    throw this.evaluationFailed(`${subject} returned an unexpected result type. ${type}`, field);
  }

  /** As {@link evaluateAs}, for a field that may be left out. */
  async evaluateIfGiven<T>(expected: Expected<T>, template: unknown, field: string): Promise<T | undefined> {
    return template === undefined ? undefined : this.evaluateAs(expected, template, field);
  }

  /** Records that an expression of this state failed, and gives the error to throw. */
  evaluationFailed(detail: string, location?: string): StateError {
    const error = 'States.QueryEvaluationError';
    const cause = this.inState(detail);
    this.frame.track.add('EvaluationFailed', { error, cause, location, state: this.name });
    return new StateError(error, cause);
  }

  /** AWS's sentence that names the state a failure happened in. */
  inState(detail: string): string {
    return `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredId}). ${detail}`;
  }

  /** Evaluates Output and Assign on the variables as they were, assigns, and leaves the state. */
  async exit(fields: ResultFields, otherwise: unknown, next?: string, values: StateValues = {}) {
    const output = 'Output' in fields ? await this.evaluate(fields.Output, 'Output', values) : otherwise;
    const assigned = fields.Assign ? await this.evaluate(fields.Assign, 'Assign', values) : undefined;
    checkSize(output, this.name);
    const { track, variables } = this.frame;
    if (isJson(assigned)) variables.assign(assigned);
    const shown = isJson(assigned) ? variablesShown(assigned) : {};
    track.add(`${this.type}StateExited`, { name: this.name, ...carried('output', output), ...shown });
    return { output, next } satisfies Outcome;
  }
}

function variablesShown(assigned: object): Record<string, unknown> {
  const texts = Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]);
  return { assignedVariables: Object.fromEntries(texts), assignedVariablesDetails: { truncated: false } };
}

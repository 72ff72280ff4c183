import { checkSize, StateError } from './errors';
import { evaluateTemplate, ExpressionError } from './expression';
import type { Frame } from './frame';
import { carried } from './history';
import { isJson, jsonType, type Expected } from './json';
import type { ContextObject } from './ports';

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

interface ResultFields {
  readonly Output?: unknown;
  readonly Assign?: Record<string, unknown> | undefined;
}

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
    frame.surface.countTransition();
    this.enteredTime = new Date(frame.surface.clock.now()).toISOString();
    this.enteredId = frame.track.add(`${type}StateEntered`, { name, ...carried('input', input) });
  }

  get context(): ContextObject {
    const retries = this.retryCount === undefined ? {} : { RetryCount: this.retryCount };
    return {
      ...this.frame.context,
      State: { Name: this.name, EnteredTime: this.enteredTime, ...retries },
      ...(this.token === undefined ? {} : { Task: { Token: this.token } }),
    };
  }

  /** Evaluates a field. @throws StateError States.QueryEvaluationError, after recording EvaluationFailed */
  async evaluate(template: unknown, field: string, values: StateValues = {}): Promise<unknown> {
    const { map, ...others } = values;
    const context = map ? { ...this.context, Map: map } : this.context;
    const bindings = {
      ...this.frame.variables.all(),
      ...this.frame.surface.library,
      states: { input: this.input, context, ...others },
    };
    try {
      return await evaluateTemplate(template, field, bindings);
    } catch (failure) {
      if (failure instanceof ExpressionError) throw this.evaluationFailed(failure.message, field);
      throw failure;
    }
  }

  /** Evaluates a field that must give one type. @throws StateError States.QueryEvaluationError */
  async evaluateAs<T>(expected: Expected<T>, template: unknown, field: string): Promise<T> {
    const value = await this.evaluate(template, field);
    if (expected.is(value)) return value;
    const expression =
      typeof template === 'string' ? template.replace(/^\{%\s*|\s*%\}$/g, '') : JSON.stringify(template);
    throw this.evaluationFailed(
      `The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type. ` +
        `Expected '${expected.name}', but was '${jsonType(value)}' for value: ${JSON.stringify(value)}`,
      field,
    );
  }

  /** Records that an expression of this state failed, and gives the error to throw. */
  evaluationFailed(detail: string, location?: string): StateError {
    const error = 'States.QueryEvaluationError';
    const cause = this.inState(detail);
    const place = location === undefined ? {} : { location };
    this.frame.track.add('EvaluationFailed', { error, cause, ...place, state: this.name });
    return new StateError(error, cause);
  }

  /** AWS's sentence that names the state a failure happened in. */
  inState(detail: string): string {
    return `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredId}). ${detail}`;
  }

  /** Evaluates Output and Assign on the variables as they were, assigns, and leaves the state. */
  async exit(
    fields: ResultFields,
    otherwise: unknown,
    next: string | undefined,
    values: StateValues = {},
  ): Promise<Outcome> {
    const output = 'Output' in fields ? await this.evaluate(fields.Output, 'Output', values) : otherwise;
    const assigned = fields.Assign ? await this.evaluate(fields.Assign, 'Assign', values) : undefined;
    checkSize(output, this.name);
    const { track, variables } = this.frame;
    if (isJson(assigned)) variables.assign(assigned);
    track.add(`${this.type}StateExited`, {
      name: this.name,
      ...carried('output', output),
      ...(isJson(assigned) ? shown(assigned) : {}),
    });
    return { output, next };
  }
}

function shown(assigned: object): Record<string, unknown> {
  const texts = Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]);
  return { assignedVariables: Object.fromEntries(texts), assignedVariablesDetails: { truncated: false } };
}

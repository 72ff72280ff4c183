import { allStates, type Machine, type State } from './definition';
import { ofType, text, type SynthesisedApp } from './template';

/** Most bytes of what a step answers: the state of a run (core/run/state.ts), whose longest a test measures. */
export const ANSWER_BYTES = 2_048;
/** Most bytes of any other expression: an id, a name, a time, a count; an execution's ARN is the longest. */
const WORD_BYTES = 256;
/** Whole objects that an expression hands on. */
const WHOLE = /^\{% \$(run|bulk|counted|states\.(result(\.Payload)?|input|context\.Execution\.Input)) %\}$/;
/** An error and its cause; Step Functions bounds them, and no step answers with one. */
const FAILURE = /^\{% \$(failure|undoFailure|states\.errorOutput) %\}$/;

/** The largest single piece of state: a variable, what a state hands on, or what it sends. */
export interface StateBound {
  readonly bytes: number;
  /** `<state>.<field>`. */
  readonly at: string;
}

/**
 * Measures state from a definition. Constants count with their length, references to functions as the ARNs they become,
 * and an expression by what it can be at most: {@link ANSWER_BYTES} for a whole answer, an id's length for a word. An
 * error's cause is not counted: it is a sentence of ours, or text that Step Functions itself bounds at 32,768 characters.
 */
export function stateBound(app: SynthesisedApp, { top }: Machine): StateBound {
  const arns = functionArns(app);
  const pieces = allStates(top).flatMap(([name, state]) =>
    piecesOf(state).map(([field, piece]) => ({ at: `${name}.${field}`, bytes: bytesOf(piece, arns) })),
  );
  return pieces.reduce((most, piece) => (piece.bytes > most.bytes ? piece : most), { at: '', bytes: 0 });
}

function piecesOf({
  Assign: assign = {},
  Output: output,
  Arguments: sent,
}: State): readonly (readonly [string, unknown])[] {
  const payload = sent !== null && typeof sent === 'object' && 'Payload' in sent ? sent.Payload : sent;
  return [...Object.entries(assign), ['Output', output ?? ''], ['Arguments', payload ?? '']];
}

function bytesOf(value: unknown, arns: ReadonlyMap<string, string>): number {
  if (typeof value === 'string')
    return value.startsWith('{%') ? bytesOfExpression(value) : quoted(value, arns);
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + bytesOf(each, arns) + 1, 2);
  if (value === null || typeof value !== 'object') return text(value).length;
  return Object.entries(value).reduce((sum, [key, each]) => sum + key.length + 4 + bytesOf(each, arns), 2);
}

function bytesOfExpression(expression: string): number {
  if (FAILURE.test(expression)) return 0;
  return WHOLE.test(expression) || expression.includes('$merge') ? ANSWER_BYTES : WORD_BYTES;
}

function quoted(constant: string, arns: ReadonlyMap<string, string>): number {
  return Buffer.byteLength(arns.get(constant) ?? constant) + 2;
}

/** What a reference to a function becomes, in the longest partition and Region there are. */
function functionArns(app: SynthesisedApp): ReadonlyMap<string, string> {
  return new Map(
    ofType(app, 'AWS::Lambda::Function').map(({ reference, properties }) => [
      `${reference}.Arn>`,
      `arn:aws-us-gov:lambda:ap-southeast-1:111122223333:function:${text(properties['FunctionName'])}`,
    ]),
  );
}

import jsonata from 'jsonata';
import { isJson, messageOf } from './json';

/** A JSONata expression gave no usable value; `detail` completes AWS's sentence about it. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const compiled = new Map<string, jsonata.Expression>();
const MOST_COMPILED = 2_000;

/** The expression inside `{% … %}`, or undefined when the string is plain text. */
export function expressionIn(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') && text.length >= 4
    ? text.slice(2, -2).trim()
    : undefined;
}

/** @throws Error with jsonata's own words when the expression cannot be parsed. */
export function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known) return known;
  const fresh = jsonata(expression);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(expression, fresh);
  return fresh;
}

/**
 * Evaluates an expression as Step Functions does: no input (`$` is undefined), everything by variables.
 * @throws ExpressionError
 */
export async function evaluate(
  expression: string,
  field: string,
  variables: Record<string, unknown>,
): Promise<unknown> {
  const subject = `The JSONata expression '${expression}' specified for the field '${field}'`;
  let result: unknown;
  try {
    result = await compile(expression).evaluate(undefined, variables);
  } catch (failure) {
    throw new ExpressionError(`${subject} threw an error during evaluation. ${jsonataMessage(failure)}`);
  }
  if (result === undefined) throw new ExpressionError(`${subject} returned nothing (undefined).`);
  if (isFunction(result)) throw new ExpressionError(`${subject} returned an unsupported result type.`);
  // jsonata marks arrays with hidden properties and shares parts of its input; state data must be plain JSON of its own.
  const plain: unknown = JSON.parse(JSON.stringify(result));
  return plain;
}

function jsonataMessage(failure: unknown): string {
  const code = isJson(failure) ? failure['code'] : undefined;
  return typeof code === 'string' ? `${code}: ${messageOf(failure)}` : messageOf(failure);
}

function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return isJson(value) && ('_jsonata_lambda' in value || '_jsonata_function' in value);
}

/** Evaluates every `{% … %}` inside a JSON value, leaving the rest as it is. @throws ExpressionError */
export async function evaluateTemplate(
  template: unknown,
  field: string,
  variables: Record<string, unknown>,
): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluate(expression, field, variables);
  }
  if (typeof template !== 'object' || template === null) return template;
  const result = Array.isArray(template) ? [] : {};
  for (const [key, value] of Object.entries(template)) {
    const inner = Array.isArray(template) ? `${field}[${key}]` : `${field}/${key}`;
    Reflect.set(result, key, await evaluateTemplate(value, inner, variables));
  }
  return result;
}

/** Every expression inside a JSON value, with the field it stands in. */
export function* expressionsIn(
  template: unknown,
  field: string,
): Generator<{ field: string; expression: string }> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    if (expression !== undefined) yield { field, expression };
  } else if (typeof template === 'object' && template !== null) {
    for (const [key, value] of Object.entries(template)) yield* expressionsIn(value, `${field}/${key}`);
  }
}

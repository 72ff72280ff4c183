import jsonata from 'jsonata';
import { isJson, messageOf, type Json } from './json';

/** A JSONata expression gave no usable value; `detail` completes AWS's sentence about it. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

// As many as there are expressions in the deployed machines.
const compiled = new Map<string, jsonata.Expression>();

/** The expression inside `{% … %}`, or undefined when the string is plain text. */
export function expressionIn(text: string): string | undefined {
  return /^\{%(.*)%\}$/s.exec(text)?.[1]?.trim();
}

/** @throws Error with jsonata's own words when the expression cannot be parsed. */
export function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression) ?? jsonata(expression);
  compiled.set(expression, known);
  return known;
}

/**
 * Evaluates an expression as Step Functions does: no input (`$` is undefined), everything by variables.
 * @throws ExpressionError
 */
async function evaluate(expression: string, field: string, variables: Json): Promise<unknown> {
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
export async function evaluateTemplate(template: unknown, field: string, variables: Json): Promise<unknown> {
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

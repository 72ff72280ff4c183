/** An object of JSON. */
export type Json = Record<string, unknown>;

/** Whether a value is a JSON object (not null, not an array). */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads JSON text. @throws what `failed` makes of the parser's words */
export function parseJson(text: string, failed: (why: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (failure) {
    throw failed(messageOf(failure));
  }
}

/** The words of anything that was thrown. */
export function messageOf(failure: unknown): string {
  return failure instanceof Error || isJson(failure)
    ? String(Reflect.get(failure, 'message'))
    : String(failure);
}

/** A type an expression must give, under the name AWS's messages use for it. */
export interface Expected<T> {
  readonly name: string;
  is(this: void, value: unknown): value is T;
}

/** A JSON array. */
export const ARRAY: Expected<unknown[]> = { name: 'array', is: (value) => Array.isArray(value) };
/** True or false. */
export const BOOLEAN: Expected<boolean> = { name: 'boolean', is: (value) => typeof value === 'boolean' };
/** A whole number. */
export const INTEGER: Expected<number> = {
  name: 'integer',
  is: (value): value is number => Number.isInteger(value),
};
/** Any number. */
export const NUMBER: Expected<number> = { name: 'number', is: (value) => typeof value === 'number' };
/** A text. */
export const STRING: Expected<string> = { name: 'string', is: (value) => typeof value === 'string' };

/** A JSON value's type as AWS names it in messages. */
export function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The `code` of an error, as drivers and services give it; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error !== null && typeof error === 'object' ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}

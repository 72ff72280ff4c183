import { isJson } from '../asl/json';

/** An event pattern: field names to lists of wanted values, or nested. */
export type EventPattern = Readonly<Record<string, unknown>>;

/**
 * Refuses, at deploy, a pattern that asks for more than plain values.
 * @throws Error naming the matcher or the operator
 */
export function checkPattern(pattern: EventPattern, where: string): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    if (isJson(wanted)) checkPattern(wanted, `${where}.${field}`);
    const matcher = Array.isArray(wanted) ? wanted.find(isJson) : undefined;
    const lacking = matcher ? `matcher ${Object.keys(matcher).join()}` : `operator ${field}`;
    if (matcher || field.startsWith('$'))
      throw new Error(`${where}.${field}: gapless local does not implement the pattern ${lacking}`);
  }
}

/** Whether an event matches a pattern: every field named must have one of its wanted values. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  const fields = isJson(event) ? event : {};
  return Object.entries(pattern).every(([field, wanted]) => {
    if (isJson(wanted)) return matchesPattern(wanted, fields[field]);
    const actual = [fields[field]].flat();
    return Array.isArray(wanted) && wanted.some((each) => actual.includes(each));
  });
}

/** An event pattern: field names to lists of wanted values, or nested. */
export type EventPattern = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MATCHERS: Readonly<Record<string, (wanted: unknown, actual: unknown) => boolean>> = {
  prefix: (wanted, actual) => typeof actual === 'string' && actual.startsWith(String(wanted)),
  suffix: (wanted, actual) => typeof actual === 'string' && actual.endsWith(String(wanted)),
  exists: (wanted, actual) => (actual !== undefined) === wanted,
  'anything-but': (wanted, actual) => actual !== undefined && ![wanted].flat().includes(actual),
};

function wantedMatches(wanted: unknown, actual: unknown): boolean {
  if (!isRecord(wanted)) return Array.isArray(actual) ? actual.includes(wanted) : wanted === actual;
  return Object.entries(wanted).every(([name, argument]) => MATCHERS[name]?.(argument, actual) === true);
}

/**
 * Refuses a pattern with a matcher the engine does not know, at deploy.
 * @throws Error naming the matcher
 */
export function checkPattern(pattern: EventPattern, where: string): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    if (isRecord(wanted)) checkPattern(wanted, `${where}.${field}`);
    for (const each of Array.isArray(wanted) ? wanted : []) {
      const unknown = isRecord(each) ? Object.keys(each).find((name) => !(name in MATCHERS)) : undefined;
      if (unknown)
        throw new Error(`${where}.${field}: gapless local does not implement the pattern matcher ${unknown}`);
    }
    if (field.startsWith('$'))
      throw new Error(`${where}: gapless local does not implement the pattern operator ${field}`);
  }
}

/** Whether an event matches a pattern: every field named must match one of its wanted values. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  const fields = isRecord(event) ? event : {};
  return Object.entries(pattern).every(([field, wanted]) =>
    Array.isArray(wanted)
      ? wanted.some((each) => wantedMatches(each, fields[field]))
      : isRecord(wanted) && matchesPattern(wanted, fields[field]),
  );
}

/**
 * Canonical JSON (RFC 8785): sorted keys, no white space, ECMAScript number forms, so that one record has exactly one
 * byte form. Only plain JSON values come in; undefined members are left out.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`a record cannot hold the number ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object') {
    // RFC 8785 section 3.2.3 sorts by UTF-16 code units, which is how JavaScript compares strings.
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`a record cannot hold a ${typeof value}`);
}

/** Milliseconds for a person: `84 ms`, `3.2 s`, `4 min 10 s`. */
export function shortMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** Seconds of a record for a person; a dash where the record holds none. */
export function shortSeconds(seconds: number | null): string {
  return seconds === null ? '-' : shortMs(seconds * 1_000);
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** How long a deadline is away, in its two largest units: `5 m`, `1 h 30 m`, `2 d`; below a minute `1.2 s`. */
export function roughSeconds(seconds: number): string {
  if (seconds < 60) return shortMs(seconds * 1_000);
  let left = Math.round(seconds);
  const largest = UNITS.findIndex(([, size]) => left >= size);
  const parts = UNITS.slice(largest, largest + 2).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.flat().join(' ');
}

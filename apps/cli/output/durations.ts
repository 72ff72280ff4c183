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

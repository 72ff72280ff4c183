import { DURATION, seconds } from '../../core/policy/duration';
import { Exit } from './exit';

/**
 * A moment as a flag names it, in ISO 8601.
 * @param now epoch ms
 * @throws Exit usage when it is neither how long ago nor a date
 */
export function momentOf(flag: string, text: string, now: number): string {
  if (DURATION.test(text)) return new Date(now - seconds(text) * 1_000).toISOString();
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new Exit(
    'usage',
    `${flag}: got ${JSON.stringify(text)}, want how long ago (7d, 12h, 30m) or a date such as 2026-01-31 or 2026-01-31T08:00:00Z. Nothing was read.`,
  );
}

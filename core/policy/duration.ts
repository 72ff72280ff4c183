const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A duration as policies write it: a whole number and a unit, such as `30d`, `12h`, `5m`, `0s`. */
export const DURATION = /^(\d{1,6})(s|m|h|d)$/;

/** Seconds in a duration that matches DURATION. */
export function seconds(duration: string): number {
  const [, amount = '0', unit = 's'] = DURATION.exec(duration) ?? [];
  return Number(amount) * (units[unit] ?? 1);
}

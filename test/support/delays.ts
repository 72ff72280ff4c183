// Ends and middle of what the kinds promise to bear. GAPLESS_DELAYS=full tries every second, which takes some minutes.
const full = process.env['GAPLESS_DELAYS'] === 'full';

/** Seconds a target takes to forget a credential. */
export const delays: readonly number[] = full ? upTo(15, 1) : [0, 5, 15];

/** Seconds that a cache in front of it keeps an answer. */
export const caches: readonly number[] = full ? upTo(60, 5) : [0, 20, 60];

function upTo(most: number, step: number): readonly number[] {
  return Array.from({ length: most / step + 1 }, (_, index) => index * step);
}

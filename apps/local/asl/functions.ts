import { createHash } from 'node:crypto';
import { compile } from './expression';
import { parseJson } from './json';
import type { Chance } from './ports';

const HASHES = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const MOST_RANGE_ITEMS = 1_000_000;

/**
 * What Step Functions adds to JSONata and takes from it: `$partition $range $hash $random $uuid $parse`, no `$eval`;
 * `$now` and `$millis` read the engine's clock.
 * Source: Step Functions developer guide, "Functions available with JSONata in Step Functions".
 */
export function stepFunctionsLibrary(chance: Chance, now: () => number): Record<string, unknown> {
  return {
    partition,
    range,
    hash,
    random: (seed?: number) => (seed === undefined ? chance.random() : seededRandom(seed)),
    uuid: () => chance.uuid(),
    parse: (text?: string) => (text === undefined ? undefined : parseJson(text, (why) => new Error(why))),
    eval: undefined,
    millis: now,
    now: (picture?: string, timezone?: string) =>
      compile('$fromMillis($at, $picture, $timezone)').evaluate(undefined, { at: now(), picture, timezone }),
  };
}

function partition(items: readonly unknown[] | undefined, size: number): unknown[][] | undefined {
  if (items === undefined) return undefined;
  if (!(Number.isInteger(size) && size > 0))
    throw new Error(`$partition: got a size of ${size}, want a whole number from 1`);
  const parts: unknown[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}

// A recorded history shows that a range of one number comes out as that number: $range answers a JSONata sequence.
function range(from: number, to: number, step: number): unknown[] {
  if (step === 0 || !Number.isFinite(step))
    throw new Error(`$range: got a step of ${step}, want a number other than 0`);
  const count = Math.floor((to - from) / step) + 1;
  if (count > MOST_RANGE_ITEMS)
    throw new Error(`$range: got ${count} items, want at most ${MOST_RANGE_ITEMS}`);
  const items = Array.from({ length: Math.max(count, 0) }, (_, index) => from + index * step);
  return Object.defineProperty(items, 'sequence', { value: true });
}

function hash(data: string | undefined, algorithm: string): string | undefined {
  if (data === undefined) return undefined;
  if (!HASHES.includes(algorithm))
    throw new Error(
      `$hash: got the algorithm ${JSON.stringify(algorithm)}, want one of ${HASHES.join(', ')}`,
    );
  return createHash(algorithm.replace('-', '')).update(data).digest('hex');
}

// Repeatable for a seed, as on AWS; the numbers themselves differ from AWS's generator.
function seededRandom(seed: number): number {
  return createHash('sha256').update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
}

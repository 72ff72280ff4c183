import { compile } from './expression';
import { parseJson } from './json';
import type { Chance } from './ports';

const MOST_RANGE_ITEMS = 1_000_000;

/**
 * What Step Functions adds to JSONata and takes from it: `$partition $range $uuid $parse`, no `$eval`; `$now` and
 * `$millis` read the engine's clock. No machine here asks for `$hash` or `$random`, so they are not there.
 * Source: Step Functions developer guide, "Functions available with JSONata in Step Functions".
 */
export function stepFunctionsLibrary(chance: Chance, now: () => number): Record<string, unknown> {
  return {
    partition,
    range,
    uuid: () => chance.uuid(),
    parse: (text?: string) => (text === undefined ? undefined : parseJson(text, (why) => new Error(why))),
    eval: undefined,
    random: undefined,
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

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJson } from '../../apps/local/asl/json';

/** What a Lambda function of a case does. */
export type Behaviour =
  | { behaviour: 'echo' }
  | { behaviour: 'return'; value?: unknown; repeat?: { count: number; text: string } }
  | { behaviour: 'throw'; errorType: string; errorMessage: string }
  | { behaviour: 'timeout'; seconds: number }
  | { behaviour: 'missing' };

/** A recorded execution of real Step Functions; the fields are explained in the README beside the cases. */
export interface AslCase {
  name: string;
  queryLanguage: 'JSONata' | 'JSONPath' | 'mixed';
  definition: Record<string, unknown>;
  input: unknown;
  lambdas: Record<string, Behaviour>;
  stateMachines?: Record<string, Record<string, unknown>>;
  tables?: Record<string, string>;
  expected: {
    status: string;
    output: unknown;
    error: string | null;
    cause: string | null;
    causeJson?: unknown;
    causeMasked?: boolean;
    events: string[];
    eventsOrder: 'total' | 'partial' | 'subset' | 'racy';
  };
}

/** The recorded cases, or why they cannot be read. */
export type AslCases = { cases: AslCase[] } | { missing: string };

/** Reads the cases from GAPLESS_ASL_CASES (a folder or the file), else from ../shared/asl-conformance beside the checkout. */
export function loadAslCases(): AslCases {
  const given =
    process.env['GAPLESS_ASL_CASES'] ?? join(__dirname, '..', '..', '..', 'shared', 'asl-conformance');
  const file = given.endsWith('.json') ? given : join(given, 'cases.json');
  if (!existsSync(file))
    return {
      missing: `no recorded cases at ${file}; set GAPLESS_ASL_CASES to the folder that holds cases.json`,
    };
  const cases: AslCase[] = JSON.parse(readFileSync(file, 'utf8'));
  return { cases };
}

const ANYTHING = '__ANY__';
const LEFT_OUT = new Set(['SdkHttpMetadata', 'SdkResponseMetadata']);

/** Whether an actual value is the recorded one; `"__ANY__"` stands for any value that is there. */
export function sameValue(actual: unknown, expected: unknown): boolean {
  if (expected === ANYTHING) return actual !== undefined;
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, i) => sameValue(actual[i], item))
    );
  }
  if (!isJson(expected)) return actual === expected;
  if (!isJson(actual)) return false;
  const found = Object.entries(actual).filter(([key]) => !LEFT_OUT.has(key));
  return (
    found.length === Object.keys(expected).length &&
    found.every(([key, value]) => key in expected && sameValue(value, expected[key]))
  );
}

/** What differs between the events of a run and the recorded ones; undefined when nothing does. */
export function eventDifference(
  actual: string[],
  { events, eventsOrder }: AslCase['expected'],
): string | undefined {
  switch (eventsOrder) {
    case 'racy':
      return undefined;
    case 'total':
      return difference(actual, events);
    case 'partial':
      return difference(actual.toSorted(), events.toSorted());
    case 'subset': {
      const rest = [...actual];
      const lacking = events.filter((event) => !take(rest, event));
      const surplus = rest.filter((event) => !event.startsWith('ParallelState'));
      return lacking.length + surplus.length === 0
        ? undefined
        : `lacking ${lacking.join(' ')}; surplus ${surplus.join(' ')}`;
    }
    default:
      return eventsOrder satisfies never;
  }
}

function difference(actual: string[], expected: string[]): string | undefined {
  return sameValue(actual, expected) ? undefined : `got ${actual.join(' ')}; recorded ${expected.join(' ')}`;
}

function take(from: string[], event: string): boolean {
  const at = from.indexOf(event);
  if (at >= 0) from.splice(at, 1);
  return at >= 0;
}

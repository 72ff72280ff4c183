import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { worlds } from './worlds';

/** What a fault run is asked for. */
export interface Options {
  readonly seed: number;
  readonly connectors: readonly string[];
  /** Pairs of faults on each connector; undefined for those of the run's size. */
  readonly trials: number | undefined;
  readonly size: 'ci' | 'full';
  /** How many faults a trial has; both sorts when undefined. */
  readonly faults: 1 | 2 | undefined;
  readonly print: 'text' | 'json';
  readonly workers: number;
  /** Which of so many parts of the trials, from 1; parts of a full run take turns, so each has some of everything. */
  readonly part: { readonly number: number; readonly of: number };
  /** `<connector>/<strategy>/<case>`. */
  readonly only: string | undefined;
}

/** Reads the arguments. @throws Error naming what was given and what is allowed */
export function optionsIn(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      connector: { type: 'string', multiple: true },
      trials: { type: 'string' },
      full: { type: 'boolean', default: false },
      faults: { type: 'string' },
      json: { type: 'boolean', default: false },
      workers: { type: 'string', default: '2' },
      part: { type: 'string', default: '1/1' },
      only: { type: 'string' },
    },
  });
  const size = values.full ? 'full' : 'ci';
  return {
    seed: values.seed === undefined ? seedOfCommit() : wholeNumber('seed', values.seed),
    connectors: connectorsIn(values.connector, size, values.only),
    trials: values.trials === undefined ? undefined : wholeNumber('trials', values.trials),
    size,
    faults: faultsOf(values.faults),
    print: values.json ? 'json' : 'text',
    workers: wholeNumber('workers', values.workers),
    part: partIn(values.part),
    only: values.only,
  };
}

function connectorsIn(
  given: readonly string[] | undefined,
  size: Options['size'],
  only: string | undefined,
): readonly string[] {
  const known = Object.keys(worlds);
  const named = only === undefined ? given : [only.split('/')[0] ?? ''];
  const unknown = named?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`--connector: got ${JSON.stringify(unknown)}, want one of ${known.join(', ')}`);
  return named ?? (size === 'full' ? known : ['postgres-role', 'model']);
}

function wholeNumber(name: string, given: string): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name}: got ${given}, want a whole number from 0`);
}

function faultsOf(given: string | undefined): Options['faults'] {
  if (given === undefined) return undefined;
  if (given === '1') return 1;
  if (given === '2') return 2;
  throw new Error(`--faults: got ${given}, want 1 or 2; both sorts are run without it`);
}

function partIn(given: string): Options['part'] {
  const [number = 0, of = 0] = given.split('/').map(Number);
  if (Number.isInteger(number) && Number.isInteger(of) && number >= 1 && number <= of) return { number, of };
  throw new Error(`--part: got ${given}, want <number>/<of>, such as 1/10`);
}

/** Other pairs with every commit; without git always the same. */
function seedOfCommit(): number {
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number.parseInt(commit.slice(0, 7), 16);
  } catch {
    return 1;
  }
}

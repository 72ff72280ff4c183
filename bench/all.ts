import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { bundlesInShort, FEWEST_STARTS } from './bundles/report';
import { table, type Measured } from './goals/goal';
import { parts } from './goals/parts';
import { machine, machineLine } from './machine';
import { FEWEST_PAIRS } from './overhead/report';

// P1 to P10 of the performance goals in one table. Every ratio is of two sides measured turn by turn in one process; every
// count is of one run. It fails when a goal is missed, never because a busy machine took long.

const options = {
  /** Measures the embedded engine too, and the cold starts of every function: several minutes more. */
  full: { type: 'boolean', default: false },
  /** Parts to run, by comma. */
  only: { type: 'string', default: Object.keys(parts).join(',') },
  json: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const extent = {
    stores: values.full ? (['memory', 'engine'] as const) : (['memory'] as const),
    pairs: FEWEST_PAIRS,
    starts: FEWEST_STARTS,
    only: values.full ? '' : bundlesInShort,
  };
  const goals: Measured[] = [];
  const started = performance.now();
  for (const name of values.only.split(',')) {
    const part = parts[name];
    if (!part) throw new Error(`--only: got ${name}, want some of ${Object.keys(parts).join(', ')}`);
    console.error(`${name} ...`);
    goals.push(...(await part(extent)));
  }
  const seconds = Math.round((performance.now() - started) / 1_000);
  const about = machine();
  const stores = values.full ? '' : '; in-memory stores and some cold starts only, --full for all';
  if (values.json) console.log(JSON.stringify({ machine: about, seconds, goals }, undefined, 2));
  else console.log(`${machineLine(about)}; ${seconds} s${stores}\n\n${table(goals)}`);
  if (goals.some(({ state }) => state === 'missed')) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

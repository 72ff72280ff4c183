import { sharedAssembly } from '../test/support/assembly';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { machine } from './machine';
import { quietly } from './overhead/quiet';
import { kinds, type Kind } from './verified/kinds';
import { measured } from './verified/measure';
import { FEWEST_RUNS, headline, lineOf, readable, type Line } from './verified/report';

// Time to a verified revocation, real servers, stores in this process, real time. Printed and held to its goal, never
// asserted in a test: a busy machine is not a defect.

const WARM_UP = 2;

async function ofKind(kind: Kind, runs: number): Promise<Line> {
  const subjects = await kinds[kind](runs + WARM_UP);
  try {
    return lineOf(kind, subjects, await quietly(() => measured(subjects, WARM_UP)));
  } finally {
    await subjects.stop();
  }
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(kinds, name);
}

function kindsOf(given: string | undefined): readonly Kind[] {
  const all = Object.keys(kinds).filter(isKind);
  if (given === undefined) return all;
  if (isKind(given)) return [given];
  throw new Error(`--kind: got ${given}, want one of ${all.join(', ')}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: String(FEWEST_RUNS) },
      kind: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs: got ${values.runs}, want a whole number from 1 (${FEWEST_RUNS} for a p95)`);
  const wanted = kindsOf(values.kind);
  await sharedAssembly();
  try {
    const [before = 0] = os.loadavg();
    const lines: Line[] = [];
    for (const kind of wanted) {
      const line = await ofKind(kind, runs);
      // A whole run takes minutes; what is measured is told at once.
      console.error(readable(line));
      lines.push(line);
    }
    const load = [before, os.loadavg()[0] ?? 0];
    const about = machine();
    if (values.json) console.log(JSON.stringify({ machine: about, load, lines }, null, 2));
    else console.log([headline(about, load), ...lines.map(readable)].join('\n'));
    if (lines.some(({ judged }) => judged === 'MISS')) process.exitCode = 1;
  } finally {
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

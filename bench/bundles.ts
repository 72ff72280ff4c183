import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildBare } from './bundles/bare';
import { coldStarts } from './bundles/cold-starts';
import { contentsOf } from './bundles/contents';
import { declaredBy } from './bundles/declared';
import { deployedFunctions, type Deployed } from './bundles/deployed';
import { startErring, type Erring } from './bundles/erring';
import { FEWEST_STARTS, lineOf, missedBy, readable, summary, type Line } from './bundles/report';
import { machine, machineLine } from './machine';

// P8, P9 and P10 of the performance goals: each Lambda function of the synthesised app against the bare bundle of exactly
// the clients and libraries that it declares, see bundles/declared.ts and bundles/bare.ts. The bytes are facts; the times
// are printed and held to their goal, never asserted in a test.

const options = {
  /** Cold starts of each side. */
  runs: { type: 'string', default: String(FEWEST_STARTS) },
  /** Only functions whose name holds this. */
  only: { type: 'string', default: '' },
  /** Cold starts only of functions whose name holds this; bytes of all. */
  'starts-of': { type: 'string', default: '' },
  /** Prints where the bytes come from, too. */
  contents: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

interface How {
  readonly aws: Erring;
  readonly runs: number;
  readonly startsOf: string;
}

async function measured(each: Deployed, folder: string, { aws, runs, startsOf }: How): Promise<Line> {
  const declared = declaredBy(each.entry);
  const bare = path.join(folder, 'bare', each.name, 'index.js');
  buildBare(declared, bare);
  const sizes = { bytes: statSync(each.code).size, bareBytes: statSync(bare).size };
  const starts = each.name.includes(startsOf) ? await coldStarts(each, bare, runs, aws) : undefined;
  return lineOf(each, declared, { ...sizes, runs, starts });
}

function chosen(functions: readonly Deployed[], only: string): readonly Deployed[] {
  const found = functions.filter(({ name }) => name.includes(only));
  if (found.length > 0) return found;
  throw new Error(`--only: got ${only}, want a part of ${functions.map(({ name }) => name).join(', ')}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs: got ${values.runs}, want a whole number from 1 (${FEWEST_STARTS} for a ratio)`);
  const folder = mkdtempSync(path.join(tmpdir(), 'gapless-bench-bundles-'));
  const aws = await startErring();
  try {
    const today = new Date().toISOString().slice(0, 10);
    const functions = await deployedFunctions(path.join(folder, 'cdk.out'), today);
    const lines: Line[] = [];
    for (const each of chosen(functions, values.only)) {
      const line = await measured(each, folder, { aws, runs, startsOf: values['starts-of'] });
      lines.push(line);
      // A whole run takes minutes; what is measured is told at once.
      console.error(readable(line));
      if (values.contents) for (const text of contentsOf(each)) console.error(text);
    }
    const about = machine();
    if (values.json) console.log(JSON.stringify({ machine: about, functions: lines }, undefined, 2));
    else for (const text of [machineLine(about), ...summary(lines)]) console.log(text);
    if (lines.some((line) => missedBy(line).length > 0)) process.exitCode = 1;
  } finally {
    await aws.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

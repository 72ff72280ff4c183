import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildBare } from './bundles/bare';
import { coldStarts } from './bundles/cold-starts';
import { contentsOf } from './bundles/contents';
import { declaredBy } from './bundles/declared';
import { deployedFunctions } from './bundles/deployed';
import { startErring } from './bundles/erring';
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
  /** Prints where the bytes come from, too. */
  contents: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs: got ${values.runs}, want a whole number from 1 (${FEWEST_STARTS} for a ratio)`);
  const folder = mkdtempSync(path.join(tmpdir(), 'gapless-bench-bundles-'));
  const aws = await startErring();
  try {
    const functions = await deployedFunctions(
      path.join(folder, 'cdk.out'),
      new Date().toISOString().slice(0, 10),
    );
    const chosen = functions.filter(({ name }) => name.includes(values.only));
    if (chosen.length === 0)
      throw new Error(
        `--only: got ${values.only}, want a part of ${functions.map(({ name }) => name).join(', ')}`,
      );
    const lines: Line[] = [];
    for (const each of chosen) {
      const declared = declaredBy(each.entry);
      const bare = path.join(folder, 'bare', each.name, 'index.js');
      buildBare(declared, bare);
      const sizes = { bytes: statSync(each.code).size, bareBytes: statSync(bare).size };
      const line = lineOf(each, declared, {
        ...sizes,
        runs,
        starts: await coldStarts(each, bare, runs, aws),
      });
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { DynamoEvidenceStore } from '../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../adapters/aws/ledger-index';
import { DynamoPolicyArchive } from '../adapters/aws/policy-archive';
import { dynamoRegistry } from '../adapters/aws/registry';
import { checkedRuns, runRows } from '../core/query/checked-runs';
import type { QueryPorts } from '../core/query/ports';
import { startDynalite, type Dynalite } from '../test/support/dynalite';
import { machine, machineLine } from './machine';
import { ASKED_FOR, fillTables } from './query/fill';
import { meter, type Metered } from './query/metered';
import { quantile } from './quantile';

// P11 and P12 of the performance goals: the ten newest runs of an identity, from few records and from many, turn by turn.

const FEW = 1_000;
/** A ratio from fewer pairs is not printed. */
const PAIRS = 200;
const query = { identityId: ASKED_FOR, limit: 10 } as const;

type Answer = (ports: QueryPorts) => Promise<{ readonly runs: readonly unknown[] }>;
/** The query itself, which both commands begin with, and the answer with every record of the ten runs read. */
const answers: Readonly<Record<'found' | 'checked', Answer>> = {
  found: (ports) => runRows(ports, query),
  checked: (ports) => checkedRuns(ports, query),
};

interface Side {
  readonly ports: QueryPorts;
  readonly taken: () => Metered;
  readonly records: number;
}

async function sideOf(dynamo: Dynalite, atLeast: number): Promise<Side> {
  const started = performance.now();
  const { evidence, registry, records } = await fillTables(dynamo, atLeast);
  console.error(`${records} records written in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  const client = dynamo.connect();
  const taken = meter(client);
  const ports = {
    registry: dynamoRegistry(client, registry),
    evidence: new DynamoEvidenceStore(client, evidence),
    archive: new DynamoPolicyArchive(client, evidence),
    index: dynamoLedgerIndex(client, registry),
    sealed: undefined,
    spill: undefined,
  };
  return { ports, taken, records };
}

interface Speed {
  readonly p50Ms: readonly [number, number];
  readonly ratio: number;
}

interface Cost {
  readonly answer: keyof typeof answers;
  /** Consumed units over the fewest that these items can be read with. */
  readonly perFewest: number;
  readonly perItem: number;
  /** From few records, and from many. */
  readonly pages: readonly [number, number];
}

/** P11: the query from few records and from many, turn by turn. */
async function speedOf(few: Side, many: Side): Promise<Speed> {
  const ms: readonly [number[], number[]] = [[], []];
  for (let pair = -10; pair < PAIRS; pair += 1)
    for (const [at, side] of [few, many].entries()) {
      const started = performance.now();
      const { runs } = await answers.found(side.ports);
      if (runs.length !== query.limit) throw new Error(`got ${runs.length} runs, want ${query.limit}`);
      // The first ten warm up.
      if (pair >= 0) ms[at]?.push(performance.now() - started);
    }
  const p50Ms = [quantile(ms[0], 0.5), quantile(ms[1], 0.5)] as const;
  return { p50Ms, ratio: p50Ms[1] / p50Ms[0] };
}

/** P12: what one answer reads. It does not depend on the machine. */
async function costOf(answer: keyof typeof answers, few: Side, many: Side): Promise<Cost> {
  few.taken();
  many.taken();
  await Promise.all([few, many].map(({ ports }) => answers[answer](ports)));
  const [small, large] = [few.taken(), many.taken()];
  const { units, fewest, items } = large;
  return { answer, perFewest: units / fewest, perItem: units / items, pages: [small.pages, large.pages] };
}

function speedText({ ratio, p50Ms: [few, many] }: Speed): string {
  const state = ratio <= 1.5 ? 'met' : 'missed';
  return `P11 ten newest of an identity, from many / from few: ${ratio.toFixed(2)} (goal <= 1.5), p50 ${many.toFixed(2)} / ${few.toFixed(2)} ms, ${PAIRS} pairs: ${state}`;
}

function costText(cost: Cost): string {
  const { answer, perFewest, perItem, pages } = cost;
  return `P12 runs ${answer}: read units / fewest possible ${perFewest.toFixed(2)} (goal <= 1.1), ${perItem.toFixed(3)} an item, pages ${pages[1]} from many, ${pages[0]} from few: ${isDear(cost) ? 'missed' : 'met'}`;
}

/** More than a tenth above the fewest units, or more pages from many records than from few. */
function isDear({ perFewest, pages }: Cost): boolean {
  return perFewest > 1.1 || pages[0] !== pages[1];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { records: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } },
  });
  const records = Number(values.records);
  if (!Number.isInteger(records) || records < FEW)
    throw new Error(
      `--records: got ${values.records}, want a whole number from ${FEW} (1000000 for the goals)`,
    );
  const folder = mkdtempSync(path.join(tmpdir(), 'gapless-bench-query-'));
  const dynamo = await startDynalite(folder);
  try {
    const [few, many] = [await sideOf(dynamo, FEW), await sideOf(dynamo, records)];
    const speed = await speedOf(few, many);
    const costs = [await costOf('found', few, many), await costOf('checked', few, many)];
    const size = { few: few.records, many: many.records };
    const about = machine();
    if (values.json)
      console.log(JSON.stringify({ machine: about, records: size, speed, costs }, undefined, 2));
    else {
      console.log(`${machineLine(about)}; ${size.many} and ${size.few} records`);
      for (const line of [speedText(speed), ...costs.map(costText)]) console.log(line);
    }
    if (speed.ratio > 1.5 || costs.some(isDear)) process.exitCode = 1;
  } finally {
    await dynamo.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

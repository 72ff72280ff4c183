import { parseArgs } from 'node:util';
import { appending } from './ledger/appending';
import { buildLedger } from './ledger/build';
import { proving } from './ledger/proving';
import { rawHashesPerSecond, treeNodesPerSecond } from './ledger/sealing';
import { parsingAndHashing, verifying, type Read } from './ledger/verifying';
import { machine, machineLine } from './machine';
import { quantile } from './quantile';

// P17 to P21 of the performance goals, each ratio from two sides that took turns in this process.

interface Goal {
  readonly name: string;
  readonly measured: string;
  readonly goal: string;
  readonly state: 'met' | 'missed';
}

function held(name: string, value: number, unit: string, goal: number, side: '>=' | '<='): Goal {
  const state = (side === '>=' ? value >= goal : value <= goal) ? 'met' : 'missed';
  return { name, measured: `${value.toFixed(3)}${unit}`, goal: `${side} ${goal}${unit}`, state };
}

const SMALL = 60_000;
const PAIRS = 9;
const LARGE_PAIRS = 3;

/** The median of ratios of which each comes from two measurements right after one another. */
async function median(pairs: number, ratio: () => Promise<number> | number): Promise<number> {
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) ratios.push(await ratio());
  return quantile(ratios, 0.5);
}

async function measured(records: number): Promise<readonly Goal[]> {
  const small = buildLedger(SMALL);
  await verifying(small);
  parsingAndHashing(small, 'all');
  const verify = (read: Read) =>
    median(PAIRS, async () => parsingAndHashing(small, read) / (await verifying(small)));
  const [all, bodies] = [await verify('all'), await verify('bodies')];
  const seal = await median(40, () => treeNodesPerSecond() / rawHashesPerSecond());
  const large = buildLedger(records);
  const of = await median(
    LARGE_PAIRS,
    async () => parsingAndHashing(large, 'all') / (await verifying(large)),
  );
  console.error(`${large.records} clean records verified ${LARGE_PAIRS} times without an alarm`);
  const proof = await proving(large);
  const written = await appending(PAIRS);
  const [chained, unchained] = [written.chainedPerSecond, written.unchainedPerSecond].map(Math.round);
  console.error(
    `64 writers beside a sealer: ${chained} chained and ${unchained} unchained records/s; the database is in this process`,
  );
  return [
    held('P17 verified records/s / parsing and hashing all that is read', all, '', 0.6, '>='),
    held('P17 verified records/s / parsing and hashing the bodies alone', bodies, '', 0.6, '>='),
    held(`P17 all that is read, over ${large.records} records`, of, '', 0.6, '>='),
    held('P18 tree nodes/s / raw SHA-256 of 65 bytes', seal, '', 0.6, '>='),
    held(`P19 inclusion proof out of ${large.records}`, proof.bytes / 1_000, ' KB', 1.5, '<='),
    held('P19 checking it, median', proof.ms, ' ms', 1, '<='),
    held(
      'P20 appends/s of 64 writers / unchained create-only puts, same sealer',
      written.ratio,
      '',
      0.9,
      '>=',
    ),
    held('P21 from put to checkpoint, p99', written.lagP99Ms / 1_000, ' s', 60, '<='),
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { records: { type: 'string', default: '1000000' }, json: { type: 'boolean', default: false } },
  });
  const records = Number(values.records);
  if (!Number.isInteger(records) || records < 1)
    throw new Error(`--records: got ${values.records}, want a whole number from 1 (1000000 for the goals)`);
  const goals = await measured(records);
  const about = machine();
  if (values.json) console.log(JSON.stringify({ machine: about, goals }, null, 2));
  else {
    console.log(machineLine(about));
    for (const { name, measured: value, goal, state } of goals)
      console.log(`${name}: ${value} (goal ${goal}) ${state}`);
  }
  if (goals.some(({ state }) => state === 'missed')) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

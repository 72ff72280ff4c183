import * as z from 'zod/mini';
import { memoryLedgerIndex } from '../../adapters/memory/ledger-index';
import { formatOf, written } from '../../apps/cli/export/formats';
import { exportedRun } from '../../core/export/exported-run';
import { takeCensus } from '../../core/query/census';
import { checkedRuns, runRows } from '../../core/query/checked-runs';
import { lapsed } from '../../core/query/lapsed';
import { iso } from '../../lambdas/steps/deps';
import type { Sink } from './canary-scan';
import type { MemoryApp } from './memory-app';

const listing = z.object({ executions: z.array(z.looseObject({ executionArn: z.string() })) });
const ARN = 'arn:aws:states:us-east-1:111111111111:stateMachine';

const formats = [
  { format: 'jsonl', rows: undefined, period: undefined },
  { format: 'csv', rows: 'runs', period: undefined },
  { format: 'csv', rows: 'records', period: undefined },
  { format: 'oscal', rows: undefined, period: undefined },
  { format: 'ocsf', rows: undefined, period: undefined },
] as const;

/** Everything that an app in memory left behind or answers, by what it is. */
export async function sinksOf(app: MemoryApp): Promise<readonly Sink[]> {
  const runIds = [...app.tables.summaries.keys()];
  const [evidence, spilled] = await Promise.all([chainsOf(app, runIds), spilledOf(app, runIds)]);
  return [
    { name: 'executions', text: await executionsOf(app) },
    { name: 'registry', text: JSON.stringify(Object.values(app.tables).map((table) => [...table])) },
    {
      name: 'evidence',
      text: evidence.flatMap(({ run, proof }) => [...run, ...proof].map(({ body }) => body)).join('\n'),
    },
    { name: 'spill', text: spilled },
    ...exportsOf(app, evidence),
    ...(await answersOf(app)),
  ];
}

/** Inputs, outputs, variables, causes and whole histories of everything that ran. */
async function executionsOf({ states }: MemoryApp): Promise<string> {
  const records: unknown[] = [];
  for (const machine of ['Rotation', 'Revocation', 'BulkRevocation', 'Sweep', 'Settle']) {
    const asked = { stateMachineArn: `${ARN}:${machine}`, maxResults: 1_000 };
    const { executions } = listing.parse(await states.handle('ListExecutions', asked));
    records.push(...executions.map(({ executionArn }) => states.record(executionArn)));
  }
  return JSON.stringify(records);
}

async function chainsOf({ deps: { evidence } }: MemoryApp, runIds: readonly string[]) {
  return Promise.all(
    runIds.map(async (runId) => ({
      runId,
      run: await evidence.read('RUN', runId),
      proof: await evidence.read('PROOF', runId),
    })),
  );
}

async function spilledOf({ deps: { spill } }: MemoryApp, runIds: readonly string[]): Promise<string> {
  const kept = await Promise.all(runIds.map(async (runId) => spill.of(runId)));
  return kept.flatMap((each) => each.map(({ record }) => record.body)).join('\n');
}

function exportsOf(app: MemoryApp, chains: Awaited<ReturnType<typeof chainsOf>>): readonly Sink[] {
  const runs = chains.map(({ runId, run, proof }) => exportedRun(runId, run, proof));
  const at = iso(app.clock.now());
  const making = { span: { start: '2020-01-01T00:00:00.000Z', end: at }, at, product: '0' };
  return formats.map((flags) => ({
    name: `export ${flags.format} ${flags.rows ?? ''}`.trim(),
    text: written(formatOf(flags), runs, making),
  }));
}

async function answersOf({ deps, tables, clock }: MemoryApp): Promise<readonly Sink[]> {
  const { registry, evidence, archive } = deps;
  const ports = {
    registry,
    evidence,
    archive,
    index: memoryLedgerIndex(tables),
    sealed: undefined,
    spill: undefined,
  };
  const answers = {
    runs: await runRows(ports, { limit: 1_000 }),
    'checked runs': await checkedRuns(ports, { limit: 100 }),
    lapsed: await lapsed(ports, iso(clock.now() + 400 * 86_400_000)),
    census: await takeCensus(ports, {}),
  };
  return Object.entries(answers).map(([name, answer]) => ({
    name: `answer ${name}`,
    text: JSON.stringify(answer),
  }));
}

import { PassThrough } from 'node:stream';
import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryLedgerIndex } from '../../adapters/memory/ledger-index';
import { MemoryPolicyArchive } from '../../adapters/memory/policy-archive';
import { memoryRegistry } from '../../adapters/memory/registry';
import { emptyTables } from '../../adapters/memory/registry/tables';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { answer } from '../../apps/cli/commands/evidence-list';
import { Terminal } from '../../apps/cli/output/terminal';
import type { Sealable } from '../../core/evidence/chain';
import { parseRecord } from '../../core/evidence/record';
import { spillIn } from '../../core/evidence/spill';
import { Failure } from '../../core/failure';
import type { Spill } from '../../core/ports/spill';
import { takeCensus } from '../../core/query/census';
import { checkedRuns } from '../../core/query/checked-runs';
import type { QueryPorts } from '../../core/query/ports';
import { summaryOf } from '../../core/registry/run-summary';
import { flipped, rehashed } from '../support/chains';
import { sealerOver } from '../support/query-sealer';
import { runOf, type Chains } from '../support/query-runs';

// A run that closed while the evidence table took no more records: what is listed of it until they arrive.

const RUN = 'emergency';
const whole = runOf({ runId: RUN, at: 0, ends: 'verified', kind: 'revocation' });
const all = [...whole.run, ...whole.proof];

interface Given {
  readonly inTable: readonly Sealable[];
  readonly inSpill: readonly Sealable[];
  /** What the row of the index says; `closed` when undefined. */
  readonly row?: 'open';
}

function portsOf(): QueryPorts & { readonly spill: Spill; readonly evidence: MemoryEvidenceStore } {
  const tables = emptyTables();
  const evidence = new MemoryEvidenceStore();
  const index = memoryLedgerIndex(tables);
  const { sealed } = sealerOver(evidence, index);
  const registry = memoryRegistry(tables);
  const archive = new MemoryPolicyArchive();
  return { registry, evidence, archive, index, sealed, spill: spillIn(new MemorySealedStore()) };
}

/** Stores as the run left them: its marker stays open until everything has arrived. */
async function stores({ inTable, inSpill, row }: Given) {
  const tables = emptyTables();
  const [registry, index] = [memoryRegistry(tables), memoryLedgerIndex(tables)];
  const ports = { ...portsOf(), registry, index };
  for (const record of inTable) await ports.evidence.put(record);
  for (const record of inSpill) await ports.spill.put(record);
  const { opened, closed } = endsOf(whole);
  const marker = { runId: RUN, identityId: 'orders-db', kind: 'revocation', executionArn: 'arn' } as const;
  await registry.openRun({ ...marker, openedAt: opened.at, adoptions: 0 });
  await registry.putSummary(summaryOf(opened, row === 'open' ? undefined : closed, inSpill.length));
  return ports;
}

function endsOf({ run }: Chains) {
  const [opened, closed] = [run[0], run.at(-1)].map((record) => record && parseRecord(record.body));
  if (opened?.type !== 'RunOpened' || closed?.type !== 'RunClosed') throw new Error('a run has two ends');
  return { opened, closed };
}

/** What `evidence list` makes of it. */
async function listed(ports: QueryPorts) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const terminal = new Terminal({ format: 'text', messages: 'shown' }, streams, {});
  const questions = {
    checked: (query: Parameters<typeof checkedRuns>[1]) => checkedRuns(ports, query),
    census: (filter: Parameters<typeof takeCensus>[1]) => takeCensus(ports, filter),
    later: async () => ({ runs: [], wrong: [], next: null }),
  };
  const code = await answer(terminal, questions, { limit: 5 });
  return { code, stdout: String(streams.stdout.read()), stderr: String(streams.stderr.read()) };
}

describe('a run of which records wait in the spill', () => {
  it.each<{ case: string; given: Given; says: string }>([
    { case: 'all of them', given: { inTable: [], inSpill: all }, says: '15 of 15 wait' },
    {
      case: 'those after the third',
      given: { inTable: all.slice(0, 3), inSpill: all.slice(3) },
      says: '12 of 15 wait',
    },
    {
      case: 'the last one alone',
      given: { inTable: all.filter((each) => each !== whole.run.at(-1)), inSpill: whole.run.slice(-1) },
      says: '1 of 15 wait',
    },
    {
      case: 'some, while it goes on',
      given: { inTable: all.slice(0, 2), inSpill: all.slice(2, 5), row: 'open' },
      says: '3 of 5 wait',
    },
  ])('is listed as that, and is not called broken: $case', async ({ given, says }) => {
    const ports = await stores(given);
    const { code, stdout, stderr } = await listed(ports);
    expect(stdout).toContain(says);
    expect(stderr).toContain(`EVIDENCE_DEGRADED ${RUN}: ${given.inSpill.length} records wait in the spill`);
    expect(stderr).toContain('Complete: 1 in the ledger (UNSEALED 1, EVIDENCE_DEGRADED 1), 1 in the index.');
    expect(code).toBe(4);
  });

  it('is one like any other once they have arrived', async () => {
    const ports = await stores({ inTable: all, inSpill: [] });
    expect(await listed(ports)).toMatchObject({ code: 0, stdout: expect.stringContaining('15 hold') });
  });

  it('holds while they are being delivered: marked already, or not yet', async () => {
    const ports = await stores({ inTable: all.slice(0, 6), inSpill: all.slice(3) });
    for (const record of all.slice(3, 5)) await ports.spill.mark(record, 'delivered');
    const { code, stdout } = await listed(ports);
    expect([code, stdout]).toEqual([4, expect.stringContaining('10 of 15 wait')]);
  });
});

describe('a run that only seems to wait', () => {
  const [first, second, ...rest] = all;
  if (!first || !second) throw new Error('a run has records');

  it.each<{ case: string; given: Given; says: string }>([
    { case: 'nothing is anywhere', given: { inTable: [], inSpill: [] }, says: 'found nothing' },
    {
      case: 'a record in the table was edited',
      given: { inTable: [first, flipped(second)], inSpill: rest },
      says: `RUN#${RUN} seq 1: expected hash`,
    },
    {
      case: 'a record in the spill is not the one that followed',
      given: { inTable: [first], inSpill: [rehashed(second), ...rest] },
      says: `RUN#${RUN} `,
    },
    {
      case: 'the one after the first is missing',
      given: { inTable: [first], inSpill: rest },
      says: `RUN#${RUN} `,
    },
  ])('is broken, and what is wrong is named: $case', async ({ given, says }) => {
    const ports = await stores(given);
    const row = await ports.registry.summary(RUN);
    if (row) await ports.registry.putSummary({ ...row, evidence: 'waiting' });
    const { code, stdout, stderr } = await listed(ports);
    expect(stdout).toContain('BROKEN');
    expect(stderr).toContain(says);
    expect(code).toBe(7);
  });
});

function unreadable(): Promise<never> {
  return Promise.reject(new Failure('StoreUnavailable', 'the bucket does not answer', 'none'));
}

it('is neither called broken nor counted where the spill cannot be read', async () => {
  const ports = await stores({ inTable: all.slice(0, 3), inSpill: all.slice(3) });
  const { code, stdout, stderr } = await listed({ ...ports, spill: { of: unreadable } });
  expect(stdout).toContain('NOT KNOWN');
  expect(stderr).toContain('the spill could not be read');
  expect(stderr).toContain(`whether records of ${RUN} wait in the spill could not be read`);
  expect(code).toBe(4);
});

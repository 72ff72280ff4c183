import { performance } from 'node:perf_hooks';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { MemorySigner } from '../../adapters/memory/signer';
import { append } from '../../core/evidence/append';
import { GENESIS, type Head, type Sealable } from '../../core/evidence/chain';
import type { Registry } from '../../core/ports/registry';
import { evidenceTable, registryTable } from '../../core/ports/tables';
import { closing } from '../../core/run/closing';
import { chainOf, factsOf, LEDGER_ID, made, opened, START } from '../../test/support/chains';
import { startDynalite } from '../../test/support/dynalite';
import { sealerKeys } from '../../test/support/ledger-scene';
import { quantile } from '../quantile';
import { sealerBeside, type SealerBeside } from './sealer-beside';

const WRITERS = 64;
/** Of each writer in a phase. */
const RECORDS = 16;

/** What 64 writers achieve beside a sealer, and how long a record waits for its checkpoint. */
export interface Appending {
  /** Records a second, chained by unchained, the median of pairs right after one another. */
  readonly ratio: number;
  readonly chainedPerSecond: number;
  readonly unchainedPerSecond: number;
  /** From a record's put to its checkpoint, in milliseconds, over all chained ones. */
  readonly lagP99Ms: number;
}

interface Bench {
  readonly evidence: DynamoEvidenceStore;
  readonly sealer: SealerBeside;
  readonly registry: Pick<Registry, 'openRun' | 'forgetRun'>;
}

/**
 * 64 runs append at the same time while a sealer seals what they write, against as many create-only puts of the very same
 * kind of record that were made before, so that nothing is built, hashed or linked, under the same sealer. Both sides take
 * turns in one process with a DynamoDB in it (dynalite), so the ratio counts and the rates do not.
 */
export async function appending(pairs: number): Promise<Appending> {
  const dynalite = await startDynalite();
  const { client } = dynalite;
  const [table, index] = [await dynalite.table(evidenceTable), await dynalite.table(registryTable)];
  const evidence = new DynamoEvidenceStore(client, table);
  const registry = dynamoRegistry(client, index);
  const sealer = sealerBeside({
    now: () => Date.now(),
    holder: () => 'the sealer',
    timeoutMs: 50_000,
    ledgerId: LEDGER_ID,
    evidence,
    index: dynamoLedgerIndex(client, index),
    signer: new MemorySigner(sealerKeys.privateKey),
  });
  try {
    return await measured({ evidence, sealer, registry }, pairs);
  } finally {
    await sealer.stop();
    await dynalite.stop();
  }
}

async function measured(bench: Bench, pairs: number): Promise<Appending> {
  const chained: number[] = [];
  const unchained: number[] = [];
  const lags: number[] = [];
  await phase(bench, 'warm', appended);
  await phase(bench, 'warm-put', put);
  for (let pair = 0; pair < pairs; pair += 1) {
    const both = [
      async () => {
        bench.sealer.lags();
        chained.push(await phase(bench, `chained-${pair}`, appended));
        lags.push(...bench.sealer.lags());
      },
      async () => {
        unchained.push(await phase(bench, `put-${pair}`, put));
      },
    ];
    // Whoever is first meets another state of the process, so they take turns at it.
    for (const side of pair % 2 === 0 ? both : both.toReversed()) await side();
  }
  return {
    ratio: quantile(
      chained.map((rate, pair) => rate / (unchained[pair] ?? Number.NaN)),
      0.5,
    ),
    chainedPerSecond: quantile(chained, 0.5),
    unchainedPerSecond: quantile(unchained, 0.5),
    lagP99Ms: quantile(lags, 0.99),
  };
}

type Writer = (bench: Bench, runId: string, premade: readonly Sealable[]) => Promise<void>;

/** Records a second of all writers; what they wrote is sealed before this ends. */
async function phase(bench: Bench, name: string, write: Writer): Promise<number> {
  const runs = Array.from({ length: WRITERS }, (_, n) => `${name}-${n}`);
  const premade = runs.map((runId) => chainOf('RUN', statements, {}, { runId }));
  await Promise.all(runs.map((runId) => bench.registry.openRun({ ...marker, runId, executionArn: runId })));
  const started = performance.now();
  await Promise.all(runs.map((runId, n) => write(bench, runId, premade[n] ?? [])));
  const seconds = (performance.now() - started) / 1_000;
  await bench.sealer.drained();
  // Their markers go with the next look, so that every phase meets the same number of runs.
  await Promise.all(runs.map((runId) => bench.registry.forgetRun(runId)));
  return (WRITERS * RECORDS) / seconds;
}

const marker = { identityId: 'orders-db', kind: 'rotation', openedAt: START, adoptions: 0 } as const;
const begun = [opened(), ...Array.from({ length: RECORDS - 2 }, () => made('Mint', START))];
const facts = factsOf(chainOf('RUN', begun), []);
const statements = [...begun, { stage: 'CloseFailed', statement: closing(facts, undefined, []) }];

/** As a step does: build, hash, link, put under a condition. */
async function appended({ evidence, sealer }: Bench, runId: string): Promise<void> {
  const stamp = {
    ledgerId: LEDGER_ID,
    runId,
    fence: 1,
    actor: { type: 'person', id: 'tester', assurance: 'claimed' },
    controls: [],
    code: { functionName: 'test', version: '1', bundle: 'none' },
  } as const;
  let head: Head = GENESIS;
  for (const { stage, statement } of statements) {
    const { seq } = head;
    const entry = { chain: 'RUN', head, item: `${seq}`, at: START, statement } as const;
    head = (await append(evidence, { ...stamp, stage }, entry)).head;
    sealer.stored('RUN', runId, seq);
  }
}

/** Records that link to nothing as far as whoever puts them knows. */
async function put({ evidence, sealer }: Bench, runId: string, premade: readonly Sealable[]): Promise<void> {
  for (const record of premade) {
    await evidence.put(record);
    sealer.stored('RUN', runId, record.seq);
  }
}

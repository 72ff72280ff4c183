import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryLedgerIndex } from '../../adapters/memory/ledger-index';
import { memoryRegistry } from '../../adapters/memory/registry';
import { emptyTables } from '../../adapters/memory/registry/tables';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { MemorySigner } from '../../adapters/memory/signer';
import { GENESIS, headAfter, type Sealable } from '../../core/evidence/chain';
import { parseRecord } from '../../core/evidence/record';
import type { Pinned } from '../../core/ledger/checkpoint';
import { pinnedKey } from '../../core/ledger/signed';
import type { Registry } from '../../core/ports/registry';
import { closing } from '../../core/run/closing';
import type { SealDeps } from '../../lambdas/steps/seal/deps';
import { seal, type Sealing } from '../../lambdas/steps/seal/run';
import {
  after,
  chainOf,
  factsOf,
  intended,
  judged,
  LEDGER_ID,
  made,
  opened,
  START,
  type Entry,
} from './chains';

/** One key for every scene of a process: making one takes longer than sealing a thousand records. */
export const sealerKeys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } =
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** Both chains of a rotation, as a step writes them. */
export interface Chains {
  readonly runId: string;
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
}

const stages = ['Mint', 'Promote', 'Distribute', 'Retire', 'Remove'];

/** The 15 records of a verified rotation. */
export function rotation(runId: string): Chains {
  const proof = chainOf(
    'PROOF',
    [
      judged('ProveNew', { versionId: 'new', claim: 'accepted' }),
      judged('ConfirmNew', { versionId: 'new' }),
      judged('ProveOld', { versionId: 'old' }),
    ],
    {},
    { runId },
  );
  const changes = stages.flatMap((stage) => [intended(stage), made(stage, START)]);
  const entries: readonly Entry[] = [opened(), ...changes];
  const sofar = chainOf('RUN', entries, {}, { runId });
  const terminal = {
    stage: 'Close',
    statement: closing(factsOf(sofar, proof), undefined, []),
    at: after(60),
  };
  return { runId, run: chainOf('RUN', [...entries, terminal], {}, { runId }), proof };
}

/** A rotation that stands after so many of its RUN records. */
export function unfinished(runId: string, records: number): Chains {
  const { run } = rotation(runId);
  return { runId, run: run.slice(0, records), proof: [] };
}

/** Stores in memory, a sealer's key, and a clock that stands still until it is moved. */
export interface LedgerScene {
  readonly evidence: MemoryEvidenceStore;
  readonly registry: Registry;
  readonly sealed: MemorySealedStore;
  readonly deps: SealDeps;
  readonly pinned: Pinned;
  clock: number;
  /** Puts the marker, the records, and closes the marker when the run is closed. */
  write(...runs: readonly Chains[]): Promise<void>;
  seal(): Promise<Sealing>;
}

export function ledgerScene(): LedgerScene {
  const tables = emptyTables();
  const evidence = new MemoryEvidenceStore();
  const sealed = new MemorySealedStore();
  const signer = new MemorySigner(sealerKeys.privateKey);
  const registry = memoryRegistry(tables);
  const scene: LedgerScene = {
    evidence,
    registry,
    sealed,
    clock: Date.parse(START),
    deps: {
      now: () => scene.clock,
      holder: () => 'sealer',
      timeoutMs: 50_000,
      ledgerId: LEDGER_ID,
      evidence,
      index: memoryLedgerIndex(tables),
      sealed,
      signer,
    },
    pinned: {
      origin: LEDGER_ID,
      key: pinnedKey(sealerKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    },
    write: async (...runs) => {
      for (const chains of runs) await write(registry, evidence, chains);
    },
    seal: () => seal(scene.deps),
  };
  return scene;
}

async function write(
  registry: Registry,
  evidence: MemoryEvidenceStore,
  { runId, run, proof }: Chains,
): Promise<void> {
  const arn = `arn:${runId}`;
  const marker = { runId, identityId: 'orders-db', kind: 'rotation', executionArn: arn } as const;
  await registry.openRun({ ...marker, openedAt: START, adoptions: 0 });
  for (const record of [...run, ...proof]) await evidence.put(record);
  const last = run.at(-1);
  if (last && parseRecord(last.body).type === 'RunClosed') await registry.forgetRun(runId);
}

/** The head after a chain's records. */
export function headOf(chain: readonly Sealable[]) {
  const last = chain.at(-1);
  return last ? headAfter(last) : GENESIS;
}

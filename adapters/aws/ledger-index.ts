import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { LedgerIndex, SealedRun, SealerClaim } from '../../core/ports/ledger-index';
import { sealerLost } from '../../core/registry/sealer-rules';
import { absent } from './dynamodb/absent';
import { assign } from './dynamodb/expression';
import { readAll } from './dynamodb/batch';
import { Table } from './dynamodb/table';
import { contended } from './registry/contended';
import { openKey, sealedKey, sealerKey } from './registry/keys';
import { readMarkers } from './registry/open-runs';
import { sealedRow } from './registry/rows/sealed';

const sealerRow = z.object({ fence: z.int(), size: z.int(), until: z.optional(z.string()) });

/** What Seal keeps, in the registry's table. */
export function dynamoLedgerIndex(client: DynamoDBClient, tableName: string): LedgerIndex {
  const table = new Table(client, tableName);
  return {
    claimSealer: (claim) => claimSealer(table, claim),
    releaseSealer: async (holder) => {
      const held = { text: '#holder = :holder', values: { holder } };
      await table.update(sealerKey, assign({ holder: undefined, until: undefined }), held);
    },
    advance: async (step) => {
      const still = {
        text: '#fence = :fence AND #size = :from',
        values: { fence: step.fence, from: step.from },
      };
      if (!(await table.update(sealerKey, assign({ size: step.to }), still))) throw sealerLost(step);
    },
    markers: () => readMarkers(table),
    dropMarker: async (runId) => {
      await table.deleteWhen(openKey(runId), { text: '#state = :closed', values: { closed: 'closed' } });
    },
    reopenRun: async (runId) => {
      const there = { text: 'attribute_exists(#pk)', values: {} };
      await table.update(openKey(runId), assign({ state: undefined }), there);
    },
    sealedRuns: async (runIds) => (await readAll(table, runIds.map(sealedKey))).map(sealedRow),
    putSealedRun: (before, after) => putSealedRun(table, before, after),
  };
}

async function claimSealer(
  table: Table,
  { holder, now, until }: SealerClaim,
): Promise<{ readonly fence: number; readonly size: number } | { readonly heldUntil: string }> {
  const change = {
    text: 'SET #holder = :holder, #until = :until, #fence = if_not_exists(#fence, :zero) + :one, #size = if_not_exists(#size, :zero)',
    values: { holder, until, zero: 0, one: 1 },
  };
  const free = {
    text: 'attribute_not_exists(#holder) OR #holder = :holder OR #until <= :now',
    values: { now },
  };
  const claimed = await table.update(sealerKey, change, free);
  if (claimed) {
    const { fence, size } = sealerRow.parse(claimed);
    return { fence, size };
  }
  const there = await table.get(sealerKey);
  const { until: heldUntil } = there ? sealerRow.parse(there) : { until: undefined };
  if (heldUntil === undefined) throw contended.failure('the sealer');
  return { heldUntil };
}

async function putSealedRun(
  table: Table,
  before: SealedRun | undefined,
  after: SealedRun,
): Promise<'written' | 'moved on'> {
  const unchanged = before && {
    text: '#run.#seq = :runSeq AND #proof.#seq = :proofSeq',
    values: { runSeq: before.run.seq, proofSeq: before.proof.seq },
  };
  const { runId, run, proof, closed, ranges } = after;
  const item = {
    runId,
    run: { ...run },
    proof: { ...proof },
    closed,
    ranges: ranges.map((each) => ({ ...each })),
  };
  const done = await table.put({ ...sealedKey(runId), ...item }, unchanged ?? absent);
  return done === 'written' ? 'written' : 'moved on';
}

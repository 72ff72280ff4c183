import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { Sealable } from '../../core/evidence/chain';
import type { Chain } from '../../core/evidence/record';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import { evidenceKeys } from '../../core/ports/tables';
import { absent } from './dynamodb/absent';
import type { Item } from './dynamodb/attributes';
import { AppendTable } from './dynamodb/table';

// Six digits keep sort keys in order up to a million records of one run; a run writes about fifteen.
const SEQ_DIGITS = 6;

const storedRecord = z.object({ sk: z.string(), body: z.string(), h: z.string() });

/** Evidence in DynamoDB: one item per record, `body` being the exact bytes that were hashed. */
export class DynamoEvidenceStore implements EvidenceStore {
  readonly #table: AppendTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new AppendTable(client, tableName);
  }

  async put(record: Sealable): Promise<'stored' | 'exists'> {
    const key = { pk: chainKey(record.chain, record.runId), sk: seqKey(record.seq) };
    const done = await this.#table.put({ ...key, body: record.body, h: record.hash }, absent);
    return done === 'written' ? 'stored' : 'exists';
  }

  async get(chain: Chain, runId: string, seq: number): Promise<Sealable | undefined> {
    const item = await this.#table.get({ pk: chainKey(chain, runId), sk: seqKey(seq) });
    return item && sealable(chain, runId, item);
  }

  async last(chain: Chain, runId: string): Promise<Sealable | undefined> {
    const [item] = await this.#table.query({ ...recordsOf(chain, runId), order: 'descending', limit: 1 });
    return item && sealable(chain, runId, item);
  }

  async read(chain: Chain, runId: string, from = 0): Promise<readonly Sealable[]> {
    const items = await this.#table.query({ ...recordsOf(chain, runId, from), order: 'ascending' });
    return items.map((item) => sealable(chain, runId, item));
  }
}

function chainKey(chain: Chain, runId: string): string {
  switch (chain) {
    case 'RUN':
      return `${evidenceKeys.run}${runId}`;
    case 'PROOF':
      return `${evidenceKeys.proof}${runId}`;
    default:
      return chain satisfies never;
  }
}

function seqKey(seq: number): string {
  return `R#${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

function recordsOf(chain: Chain, runId: string, from = 0) {
  const values = { chain: chainKey(chain, runId), first: seqKey(from), last: seqKey(10 ** SEQ_DIGITS - 1) };
  return { key: { text: '#pk = :chain AND #sk BETWEEN :first AND :last', values } };
}

function sealable(chain: Chain, runId: string, item: Item): Sealable {
  const { sk, body, h } = storedRecord.parse(item);
  return { chain, runId, seq: Number(sk.slice('R#'.length)), body, hash: h };
}

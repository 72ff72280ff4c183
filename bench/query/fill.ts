import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { toAttributes, type Storable } from '../../adapters/aws/dynamodb/attributes';
import { summaryKey } from '../../adapters/aws/registry/keys';
import { parseRecord } from '../../core/evidence/record';
import { evidenceTable, registryTable } from '../../core/ports/tables';
import { summaryOf } from '../../core/registry/run-summary';
import { dayOf, openedKey } from '../../core/registry/summary-order';
import type { Dynalite } from '../../test/support/dynalite';
import { rotationCopies } from '../../test/support/ledger-copies';

/** A deployment's two tables. */
export interface Tables {
  readonly evidence: string;
  readonly registry: string;
  readonly records: number;
}

/** The identity that is asked for has every fourth run. */
export const ASKED_FOR = 'orders-db';
const IDENTITIES = 4;
/** BatchWriteItem takes 25 items (DynamoDB API reference). */
const BATCH = 25;
const AT_ONCE = 4;

type Item = { readonly [name: string]: Storable };

/** Fills tables of their own with verified rotations, 15 records each, and their rows of the index. */
export async function fillTables(dynamo: Dynalite, atLeast: number): Promise<Tables> {
  const [evidence, registry] = [await dynamo.table(evidenceTable), await dynamo.table(registryTable)];
  const [records, rows] = [writer(dynamo, evidence), writer(dynamo, registry)];
  const copy = rotationCopies();
  let count = 0;
  for (let run = 0; count < atLeast; run += 1) {
    const { runId, run: chain, proof } = copy(`run-${String(run).padStart(8, '0')}`);
    for (const { chain: name, seq, body, hash } of [...chain, ...proof])
      await records.put({ pk: `${name}#${runId}`, sk: `R#${String(seq).padStart(6, '0')}`, body, h: hash });
    await rows.put(
      rowOf(
        chain.map(({ body }) => body),
        run % IDENTITIES,
      ),
    );
    count += chain.length + proof.length;
  }
  await Promise.all([records.end(), rows.end()]);
  return { evidence, registry, records: count };
}

function rowOf(bodies: readonly string[], identity: number): Item {
  const [opened, closed] = [bodies.at(0), bodies.at(-1)].map((body) => body && parseRecord(body));
  if (opened === '' || opened?.type !== 'RunOpened' || closed === '' || closed?.type !== 'RunClosed')
    throw new Error('a rotation begins with RunOpened and ends with RunClosed');
  const summary = summaryOf(opened, closed);
  const identityId = identity === 0 ? ASKED_FOR : `other-${identity}`;
  const found = { openedKey: openedKey(summary), day: dayOf(summary) };
  return { ...summaryKey(summary.runId), ...summary, identityId, ...found };
}

function writer({ client }: Dynalite, table: string) {
  let batch: Item[] = [];
  let sending: Promise<unknown>[] = [];
  const flush = async (most: number): Promise<void> => {
    if (batch.length === 0) return;
    const requests = batch.map((item) => ({ PutRequest: { Item: toAttributes(item) } }));
    batch = [];
    sending.push(client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } })));
    if (sending.length >= most) await Promise.all(sending.splice(0));
  };
  return {
    put: async (item: Item): Promise<void> => {
      batch.push(item);
      if (batch.length === BATCH) await flush(AT_ONCE);
    },
    end: async (): Promise<void> => {
      await flush(1);
      await Promise.all(sending);
      sending = [];
    },
  };
}

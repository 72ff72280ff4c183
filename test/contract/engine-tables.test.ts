import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { claimDataFolder } from '../../apps/local/data-folder';
import { DynamoDb, TableSpec } from '../../apps/local/services/dynamodb';
import type { TableShape } from '../../core/ports/tables';
import { creation, startDynalite, type Dynalite } from '../support/dynalite';
import { chance, pick } from '../fault/matrix/chance';

// The engine calls dynalite's actions over tables of its own. What it must answer is what dynalite answers over its own.

const TableName = 'table-0';
const shape: TableShape = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: [{ name: 'byOwner', partitionKey: 'owner', sortKey: 'at', projection: 'KEYS_ONLY' }],
  readActions: [],
  createActions: [],
  changeActions: [],
  deleteActions: [],
};

let dynalite: Dynalite;
let folder: string;
let tables: DynamoDb;
beforeAll(async () => {
  dynalite = await startDynalite();
  await dynalite.table(shape);
});
afterAll(() => dynalite.stop());
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gapless-tables-'));
  tables = await opened();
});
afterEach(() => {
  tables.store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(): Promise<DynamoDb> {
  const made = new DynamoDb({ dataDir: folder });
  made.declareTable(TableSpec.parse(creation(TableName, shape)));
  await made.createTables();
  return made;
}

const actions = {
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  DeleteItem: DeleteItemCommand,
  GetItem: GetItemCommand,
  BatchGetItem: BatchGetItemCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
};
type Asked = readonly [action: keyof typeof actions, input: Record<string, unknown>];

const Told = z.looseObject({ failed: z.optional(z.string()), LastEvaluatedKey: z.optional(z.unknown()) });
/** An answer without what the SDK says of the connection. */
const said = (answer: unknown) => {
  const { $metadata: _, ...fields } = Told.parse(JSON.parse(JSON.stringify(answer)));
  return fields;
};
const Failure = z.object({ name: z.string(), code: z.optional(z.string()), message: z.string() });
const failure = (error: unknown) => {
  const { name, code, message } = Failure.parse(error);
  return said({ failed: code ?? name, message });
};

const fromOurs = ([action, input]: Asked) => tables.handle(action, input).then(said, failure);
function fromDynalite(client: DynamoDBClient, [action, input]: Asked) {
  // They take different inputs; which goes with which is for the call to know.
  const Command = z.parse(z.custom<new (input: never) => GetItemCommand>(), actions[action]);
  return client.send(new Command(z.parse(z.custom<never>(), input))).then(said, failure);
}

const S = (value: string) => ({ S: value });

/** A call that a step could make, over few keys, so that conditions hold as often as not. */
function call(random: () => number, start: unknown): Asked {
  const pk = S(pick(random, ['RUN#a', 'RUN#b', 'RUN#~', 'RUN#ä']));
  const sk = S(pick(random, ['R#000000', 'R#000001', 'R#1', 'S', 'Z~', '\u{1F511}']));
  const Key = { pk, sk };
  const owner = S(pick(random, ['kim', 'lee']));
  const at = S(pick(random, ['2026-01-01', '2026-01-02', '2026-01-03']));
  const backwards = { ScanIndexForward: random() < 0.5 };
  const page = { ...(random() < 0.6 && { Limit: 1 + Math.floor(random() * 4) }) };
  const from = { ...(start !== undefined && random() < 0.5 && { ExclusiveStartKey: start }) };
  const condition = pick(random, ['attribute_exists(pk)', 'attribute_not_exists(pk)']);
  const unless = { ...(random() < 0.5 && { ConditionExpression: condition }) };
  const ReturnValues = pick(random, ['ALL_OLD', 'NONE']);
  const bounds = { ':pk': pk, ':low': S('R#'), ':high': S(pick(random, ['R#000001', 'Y', '~'])) };
  const between = 'pk = :pk AND sk BETWEEN :low AND :high';
  return pick<() => Asked>(random, [
    () => ['PutItem', { TableName, Item: { ...Key, owner, at, n: { N: '1' } }, ...unless, ReturnValues }],
    () => ['PutItem', { TableName, Item: { ...Key, list: { L: [owner, { M: { at } }] } }, ...unless }],
    () => {
      const values = { ExpressionAttributeValues: { ':one': { N: '1' }, ':owner': owner } };
      const UpdateExpression = 'SET #owner = :owner ADD n :one';
      const names = { ExpressionAttributeNames: { '#owner': 'owner' } };
      const update = { TableName, Key, UpdateExpression, ...names, ...values, ...unless };
      return ['UpdateItem', { ...update, ReturnValues: 'ALL_NEW' }];
    },
    () => ['UpdateItem', { TableName, Key, UpdateExpression: 'REMOVE list', ...unless }],
    () => ['DeleteItem', { TableName, Key, ...unless, ReturnValues }],
    () => ['GetItem', { TableName, Key, ConsistentRead: true }],
    () => ['BatchGetItem', { RequestItems: { [TableName]: { Keys: [Key] } } }],
    () => {
      const query = { TableName, KeyConditionExpression: between, ExpressionAttributeValues: bounds };
      return ['Query', { ...query, ...backwards, ...page, ...from }];
    },
    () => {
      const begins = 'pk = :pk AND begins_with(sk, :low)';
      const { ':high': _, ...values } = bounds;
      const query = { TableName, KeyConditionExpression: begins, ExpressionAttributeValues: values };
      return ['Query', { ...query, ...backwards, ...page }];
    },
    () => {
      const about = { IndexName: 'byOwner', ExpressionAttributeNames: { '#owner': 'owner', '#at': 'at' } };
      const values = { ':owner': owner, ':at': at };
      const KeyConditionExpression = `#owner = :owner AND #at ${pick(random, ['<', '<=', '>', '>=', '='])} :at`;
      const query = { TableName, ...about, KeyConditionExpression, ExpressionAttributeValues: values };
      return ['Query', { ...query, ...backwards, ...page }];
    },
    () => ['Scan', { TableName, ...page }],
  ])();
}

test('every call is answered as dynalite answers it, whatever was done before', async () => {
  const random = chance(20);
  const differing: unknown[] = [];
  const outcomes = new Set<string>();
  let start: unknown;
  for (let made = 0; made < 1_500; made += 1) {
    const asked = call(random, start);
    const [ours, theirs] = [await fromOurs(asked), await fromDynalite(dynalite.client, asked)];
    if (JSON.stringify(sorted(ours)) !== JSON.stringify(sorted(theirs)))
      differing.push({ asked, ours, theirs });
    outcomes.add(`${asked[0]} ${theirs.failed ?? 'answered'}`);
    if (asked[0] === 'Query' && asked[1]['IndexName'] === undefined) start = theirs.LastEvaluatedKey ?? start;
  }
  expect(differing).toEqual([]);
  for (const action of ['PutItem', 'UpdateItem', 'DeleteItem'])
    for (const outcome of ['answered', 'ConditionalCheckFailedException'])
      expect(outcomes).toContain(`${action} ${outcome}`);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

const item = (sk: string) => ({ pk: S('RUN#a'), sk: S(sk), owner: S('kim'), at: S('2026-01-01') });
const put = (sk: string) => tables.handle('PutItem', { TableName, Item: item(sk) });
const Scanned = z.object({ Items: z.array(z.object({ sk: z.object({ S: z.string() }) })) });
const scanned = async () => {
  const { Items } = Scanned.parse(await tables.handle('Scan', { TableName }));
  return Items.map(({ sk }) => sk.S);
};
const Counted = z.object({ Attributes: z.object({ n: z.object({ N: z.string() }) }) });

test('of writers at once to one item none is lost, though each writes an index, too', async () => {
  await put('S');
  const Key = { pk: S('RUN#a'), sk: S('S') };
  const add = { UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } };
  const writers = Array.from({ length: 50 }, () =>
    tables.handle('UpdateItem', { TableName, Key, ...add, ReturnValues: 'ALL_NEW' }),
  );
  const seen = (await Promise.all(writers)).map((answer) => Counted.parse(answer));
  expect(new Set(seen.map(({ Attributes }) => Attributes.n.N)).size).toBe(50);
});

describe('a data folder whose engine was killed', () => {
  test('has everything that was answered, without what was deleted, and nothing of a line cut short', async () => {
    await put('1');
    await put('2');
    await put('3');
    await tables.handle('DeleteItem', { TableName, Key: { pk: S('RUN#a'), sk: S('2') } });
    // Nothing is closed: all of it is in the file already.
    appendFileSync(path.join(folder, 'tables.log'), `\nitem-${TableName}~cut/short/\t{"pk":{"S":"RUN`);
    tables = await opened();
    expect(await scanned()).toEqual(['1', '3']);
    await put('4');
    tables.store.close();
    tables = await opened();
    expect(await scanned()).toEqual(['1', '3', '4']);
  });
});

test('a table that was being created when the engine was killed is created by the next one', async () => {
  const text = tables.store.kept.get(`table~${TableName}`) ?? '';
  tables.store.change(`table~${TableName}`, text.replace('"ACTIVE"', '"CREATING"'));
  tables.store.close();
  tables = await opened();
  await put('1');
  expect(await scanned()).toEqual(['1']);
});

test('of a line that a full disk cut short only that line is lost, not the next one', async () => {
  await put('1');
  appendFileSync(path.join(folder, 'tables.log'), `\nitem-${TableName}~cut/short/\t{"pk":{"S":"RUN`);
  await put('2');
  tables = await opened();
  expect(await scanned()).toEqual(['1', '2']);
});

test('a store that is closed says so and changes nothing', async () => {
  tables.store.close();
  await expect(put('1')).rejects.toThrow('Database is closed; nothing was changed.');
  tables = await opened();
  expect(await scanned()).toEqual([]);
});

test('a data folder with tables of an earlier version is refused', () => {
  mkdirSync(path.join(folder, 'dynamodb'));
  expect(() => claimDataFolder(folder)).toThrow('keeps its tables as an earlier version did');
});

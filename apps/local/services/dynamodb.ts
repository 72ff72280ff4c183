import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod/mini';
import { ServiceError, unsupported, type Service } from '../service';
import type { Surroundings } from '../surroundings';
import { nameOf } from './arn';
import { dynaliteOver } from './dynalite';
import { TableStore } from './table-store';

const optional = z.optional(z.string());
const Refused = z.object({
  statusCode: z.number(),
  body: z.object({ __type: z.string(), message: optional, Message: optional }),
});

/** Actions our stacks and steps use; no transactions, streams or TTL (architecture.md section 5). None changes a table. */
const ACTIONS = /^((Batch)?GetItem|(Create|Describe)Table|(Put|Update|Delete)Item|Query|Scan)$/;

const keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const index = z.object({ IndexName: z.string(), KeySchema: keys, Projection: z.unknown() });

/** A table as a template describes it, in the terms of CreateTable. */
export const TableSpec = z.object({
  TableName: z.string(),
  KeySchema: keys,
  AttributeDefinitions: z.array(z.unknown()),
  GlobalSecondaryIndexes: z.optional(z.array(index)),
});
/** See the schema of the same name. */
export type TableSpec = z.infer<typeof TableSpec>;

const Kept = z.extend(TableSpec, { TableStatus: z.string() });
type Kept = z.infer<typeof Kept>;

/** DynamoDB by dynalite, kept in the data folder. */
export class DynamoDb implements Service {
  readonly name = 'dynamodb';
  readonly store: TableStore;
  readonly #perform: ReturnType<typeof dynaliteOver>;
  readonly #tables = new Map<string, TableSpec>();

  constructor({ dataDir }: Pick<Surroundings, 'dataDir'>) {
    this.store = new TableStore(join(dataDir, 'tables.log'));
    this.#perform = dynaliteOver(this.store);
  }

  async handle(action: string, input: Record<string, unknown>): Promise<unknown> {
    if (!ACTIONS.test(action)) throw unsupported(this.name, action);
    return this.#perform(action, byName(input)).catch(refuse);
  }

  /** Makes a table known; it is there once {@link createTables} is done. */
  declareTable(spec: TableSpec): void {
    this.#tables.set(spec.TableName, spec);
  }

  /** Creates the tables that the data folder does not have already. @throws when a kept table has other keys */
  async createTables(): Promise<void> {
    for (const spec of this.#tables.values()) {
      const kept = this.#described(spec.TableName);
      if (kept?.TableStatus === 'ACTIVE') refuseOtherShape(spec, kept);
      else {
        // One that was being created when the engine was killed would stay so.
        this.store.change(tableKey(spec.TableName), '');
        await this.handle('CreateTable', { ...spec, BillingMode: 'PAY_PER_REQUEST' });
      }
      while (this.#described(spec.TableName)?.TableStatus !== 'ACTIVE') await setImmediate();
    }
  }

  /** Partition key of a table or of one of its indexes. */
  partitionKey(tableName: string, indexName?: string): string | undefined {
    const table = this.#tables.get(nameOf(tableName));
    const indexes = table?.GlobalSecondaryIndexes ?? [];
    const found = indexName ? indexes.find(({ IndexName }) => IndexName === indexName) : table;
    return found?.KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  }

  #described(tableName: string): Kept | undefined {
    const text = this.store.kept.get(tableKey(tableName));
    return text === undefined ? undefined : Kept.parse(JSON.parse(text));
  }
}

function refuse(error: unknown): never {
  const refused = Refused.safeParse(error);
  if (!refused.success) throw error;
  const { __type, message, Message } = refused.data.body;
  const code = __type.split('#').at(-1) ?? __type;
  throw new ServiceError(code, message ?? Message ?? '', refused.data.statusCode);
}

/** Table ARNs are accepted where AWS accepts them; dynalite knows names only. */
const byName = (input: Record<string, unknown>) =>
  typeof input['TableName'] === 'string' ? { ...input, TableName: nameOf(input['TableName']) } : input;

const tableKey = (name: string) => `table~${name}`;

function shapeOf({ KeySchema, GlobalSecondaryIndexes = [] }: TableSpec) {
  const ordered = KeySchema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).toSorted();
  return JSON.stringify([ordered, GlobalSecondaryIndexes.map(({ IndexName }) => IndexName).toSorted()]);
}

function refuseOtherShape(spec: TableSpec, kept: Kept): void {
  if (shapeOf(spec) === shapeOf(kept)) return;
  throw new Error(
    `Table ${spec.TableName}: the data folder keeps it with keys and indexes ${shapeOf(kept)}, the template wants ${shapeOf(spec)}. ` +
      'Nothing was changed. The engine does not migrate tables: use a new data folder.',
  );
}

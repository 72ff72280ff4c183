import * as z from 'zod/mini';
import { ServiceError, unsupported, type Service } from '../service';
import { nameOf } from './arn';
import { Dynalite } from './dynalite';

const Failure = z.object({
  __type: z.string(),
  message: z.optional(z.string()),
  Message: z.optional(z.string()),
});

/** Actions our stacks and steps use; no transactions, streams or TTL (architecture.md section 5). */
const ACTIONS: ReadonlySet<string> = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
]);

/** Key attributes of a table or index, as its template declared them. */
export interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

interface Table {
  readonly keys: KeySchema;
  readonly indexes: ReadonlyMap<string, KeySchema>;
}

/** A table as a template describes it, in the terms of CreateTable. */
export interface TableSpec {
  readonly TableName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly { AttributeName: string; AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexSpec[];
}
type KeyElement = { AttributeName: string; KeyType: string };
type IndexSpec = {
  IndexName: string;
  KeySchema: readonly KeyElement[];
  Projection: { ProjectionType?: string | undefined; NonKeyAttributes?: readonly string[] | undefined };
};

function keySchema(elements: readonly KeyElement[]): KeySchema {
  const named = (type: string) => elements.find((element) => element.KeyType === type)?.AttributeName;
  const sortKey = named('RANGE');
  return { partitionKey: named('HASH') ?? '', ...(sortKey ? { sortKey } : {}) };
}

/** DynamoDB by dynalite, kept in the data folder. */
export class DynamoDb implements Service {
  readonly name = 'dynamodb';
  readonly #dynalite: Dynalite;
  readonly #tables = new Map<string, Table>();

  constructor(path: string) {
    this.#dynalite = new Dynalite(path);
  }

  /** Opens the store. */
  async start(): Promise<void> {
    await this.#dynalite.open();
  }

  /** Closes the store; everything acknowledged is on disk. */
  async stop(): Promise<void> {
    await this.#dynalite.close();
  }

  async handle(action: string, input: Record<string, unknown>): Promise<unknown> {
    if (!ACTIONS.has(action)) throw unsupported(this.name, action);
    const { status, body } = await this.#dynalite.perform(action, JSON.stringify(byName(input)));
    const answer: unknown = JSON.parse(body || '{}');
    if (status === 200) return answer;
    const { __type, message, Message } = Failure.parse(answer);
    throw new ServiceError(__type.split('#').at(-1) ?? __type, message ?? Message ?? '', status);
  }

  /** Creates a table unless the data folder has it already. @throws when the kept table has other keys */
  async ensureTable(spec: TableSpec): Promise<void> {
    const indexes = new Map(
      spec.GlobalSecondaryIndexes?.map((each) => [each.IndexName, keySchema(each.KeySchema)]),
    );
    this.#tables.set(spec.TableName, { keys: keySchema(spec.KeySchema), indexes });
    const kept = await this.#describe(spec.TableName);
    if (kept) return refuseOtherShape(spec, kept);
    await this.handle('CreateTable', { ...spec, BillingMode: 'PAY_PER_REQUEST' });
    while ((await this.#describe(spec.TableName))?.TableStatus !== 'ACTIVE');
  }

  /** Keys of a table or of one of its indexes. */
  keysOf(tableName: string, indexName?: string): KeySchema | undefined {
    const table = this.#tables.get(nameOf(tableName));
    return indexName ? table?.indexes.get(indexName) : table?.keys;
  }

  async #describe(tableName: string): Promise<Described | undefined> {
    try {
      return Description.parse(await this.handle('DescribeTable', { TableName: tableName })).Table;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}

const Description = z.object({
  Table: z.object({
    TableStatus: z.string(),
    KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.string() })),
    GlobalSecondaryIndexes: z.optional(z.array(z.object({ IndexName: z.string() }))),
  }),
});
type Described = z.infer<typeof Description>['Table'];

/** Table ARNs are accepted where AWS accepts them; dynalite knows names only. */
function byName(input: Record<string, unknown>): Record<string, unknown> {
  const { TableName } = input;
  return typeof TableName === 'string' ? { ...input, TableName: nameOf(TableName) } : input;
}

interface Shaped {
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly { IndexName: string }[] | undefined;
}

function shapeOf({ KeySchema, GlobalSecondaryIndexes }: Shaped): string {
  const indexes = GlobalSecondaryIndexes?.map((index) => index.IndexName).toSorted() ?? [];
  return JSON.stringify([keySchema(KeySchema), indexes]);
}

function refuseOtherShape(spec: TableSpec, kept: Described): void {
  if (shapeOf(spec) === shapeOf(kept)) return;
  throw new Error(
    `Table ${spec.TableName}: the data folder keeps it with keys and indexes ${shapeOf(kept)}, the template wants ${shapeOf(spec)}. ` +
      'Nothing was changed. The engine does not migrate tables: use a new data folder.',
  );
}

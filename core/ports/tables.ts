/** A global secondary index. Sparse: an item is in it only while it has both key attributes. All keys are strings. */
export interface IndexShape {
  /** 3 to 255 characters (DynamoDB API reference, CreateTable). */
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** `KEYS_ONLY`: the index finds items, a consistent read of the table gives them. */
  readonly projection: 'KEYS_ONLY' | 'ALL';
}

/** What a table looks like, as plain data for the stacks that make it and the adapters that use it. */
export interface TableShape {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly indexes: readonly IndexShape[];
  /** IAM actions of the calls that read. */
  readonly readActions: readonly string[];
  /** IAM actions of the calls that create, and those that change or remove what is there. */
  readonly createActions: readonly string[];
  readonly changeActions: readonly string[];
  readonly deleteActions: readonly string[];
}

/** Append-only: nothing changes or deletes its items. */
export const evidenceTable = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: [],
  readActions: ['dynamodb:GetItem', 'dynamodb:Query'],
  createActions: ['dynamodb:PutItem'],
  changeActions: [],
  deleteActions: [],
} as const satisfies TableShape;

/** How partition keys of the evidence table begin; `dynamodb:LeadingKeys` separates who may write which. */
export const evidenceKeys = { run: 'RUN#', proof: 'PROOF#', policy: 'POLICY#' } as const;

/**
 * How partition keys of the registry begin: verified requests (who takes requests writes nothing else), identities with what
 * they owe, and what Seal writes: markers of open runs, rows of runs, and its own claim, which is a whole key.
 */
export const registryKeys = {
  request: 'REQUEST#',
  identity: 'IDENTITY#',
  open: 'OPEN#',
  run: 'RUN#',
  sealer: 'SEALER',
} as const;

/**
 * Identities, obligations, open runs and summaries. `due`, `owed` and `enrolled` project keys only: a rotation updates
 * its identity a dozen times, and an index that holds no changed attribute costs no write
 * (docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html, "Write capacity units"). The `by-` indexes find runs
 * by the newest; `by-mark` those under a control or with a broken glass, which may be several marks of one run.
 */
export const registryTable = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: [
    { name: 'due', partitionKey: 'duePartition', sortKey: 'dueAt', projection: 'KEYS_ONLY' },
    { name: 'owed', partitionKey: 'owedPartition', sortKey: 'nextAttemptAt', projection: 'KEYS_ONLY' },
    { name: 'enrolled', partitionKey: 'enrolledPartition', sortKey: 'id', projection: 'KEYS_ONLY' },
    { name: 'by-identity', partitionKey: 'identityId', sortKey: 'openedKey', projection: 'ALL' },
    { name: 'by-outcome', partitionKey: 'outcome', sortKey: 'openedKey', projection: 'ALL' },
    { name: 'by-owner', partitionKey: 'owner', sortKey: 'openedKey', projection: 'ALL' },
    { name: 'by-day', partitionKey: 'day', sortKey: 'openedKey', projection: 'ALL' },
    { name: 'by-actor', partitionKey: 'actor', sortKey: 'openedKey', projection: 'ALL' },
    { name: 'by-mark', partitionKey: 'mark', sortKey: 'openedKey', projection: 'KEYS_ONLY' },
  ],
  readActions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'],
  createActions: ['dynamodb:PutItem'],
  changeActions: ['dynamodb:UpdateItem'],
  deleteActions: ['dynamodb:DeleteItem'],
} as const satisfies TableShape;

/** Indexes that find runs, which is all that a query may use. */
export const runIndexes = ['by-identity', 'by-outcome', 'by-owner', 'by-day', 'by-actor', 'by-mark'] as const;

/** The registry's indexes by name. */
export type RegistryIndex = (typeof registryTable.indexes)[number]['name'];

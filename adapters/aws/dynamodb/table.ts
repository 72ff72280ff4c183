import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { Failure } from '../../../core/failure';
import { sdkErrorName, storeFailure, type StoreCall } from '../sdk-failure';
import { fromAttributes, toAttributes, type Item, type Storable } from './attributes';
import { placeholders, type Expression } from './expression';

/** Where an item is. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Items of one partition, of the table (strongly consistent) or of an index (eventually). */
export interface Range {
  readonly index?: string;
  readonly key: Expression;
  readonly filter?: Expression;
  readonly order: 'ascending' | 'descending';
  /** The most items to give; every one when absent. */
  readonly limit?: number;
}

// BatchGetItem takes at most 100 keys (DynamoDB API reference, BatchGetItem).
const BATCH = 100;

/**
 * What of a table an append-only store needs: one DynamoDB table whose keys are `pk` and `sk`, read and put into. Failures:
 * StoreUnavailable (effect none for reads, unknown for writes that were not rejected), Internal.
 */
export class AppendTable {
  readonly client: DynamoDBClient;
  readonly name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.client = client;
    this.name = name;
  }

  /** Strongly consistent read of one item. */
  async get(key: Key): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: this.name,
      Key: toAttributes({ ...key }),
      ConsistentRead: true,
    });
    const { Item } = await this.ask('GetItem', this.at(key), 'read', () => this.client.send(command));
    return Item && fromAttributes(Item);
  }

  /** Puts an item, if the condition holds. */
  async put(
    item: Key & { readonly [name: string]: Storable },
    when?: Expression,
  ): Promise<'written' | 'refused'> {
    const command = new PutItemCommand({
      TableName: this.name,
      Item: toAttributes(item),
      ...conditional(when),
    });
    const done = await this.write('PutItem', item, () => this.client.send(command));
    return done === undefined ? 'refused' : 'written';
  }

  /** Every item of a range up to its limit, page by page. */
  async query(range: Range): Promise<readonly Item[]> {
    const items: Item[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand(this.#queryInput(range, items.length, start));
      const about = `table ${this.name}${range.index === undefined ? '' : ` index ${range.index}`}`;
      const page = await this.ask('Query', about, 'read', () => this.client.send(command));
      items.push(...(page.Items ?? []).map(fromAttributes));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && items.length < (range.limit ?? Number.POSITIVE_INFINITY));
    return range.limit === undefined ? items : items.slice(0, range.limit);
  }

  #queryInput(
    range: Range,
    have: number,
    start: Record<string, AttributeValue> | undefined,
  ): QueryCommandInput {
    return {
      TableName: this.name,
      KeyConditionExpression: range.key.text,
      ScanIndexForward: range.order === 'ascending',
      ...placeholders(range.key, range.filter),
      ...(range.index === undefined ? { ConsistentRead: true } : { IndexName: range.index }),
      ...(range.filter === undefined ? {} : { FilterExpression: range.filter.text }),
      // Limit counts before the filter, so that a filtered range is cut here instead.
      ...(range.limit === undefined || range.filter !== undefined ? {} : { Limit: range.limit - have }),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    };
  }

  protected async write<T>(action: string, key: Key, send: () => Promise<T>): Promise<T | undefined> {
    try {
      return await send();
    } catch (error) {
      if (sdkErrorName(error) === 'ConditionalCheckFailedException') return undefined;
      throw storeFailure(error, { action: `dynamodb:${action}`, about: this.at(key), access: 'write' });
    }
  }

  protected async ask<T>(
    action: string,
    about: string,
    access: StoreCall['access'],
    send: () => Promise<T>,
  ): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw storeFailure(error, { action: `dynamodb:${action}`, about, access });
    }
  }

  protected at(key: Key): string {
    return `table ${this.name} item ${key.pk}/${key.sk}`;
  }
}

/** The same, changed and removed from. */
export class Table extends AppendTable {
  /** Strongly consistent read of many items, in no order; those that are not there are left out. */
  async getAll(keys: readonly Key[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (let from = 0; from < keys.length; from += BATCH) {
      items.push(...(await this.#batch(keys.slice(from, from + BATCH))));
    }
    return items;
  }

  /** Changes an item, if the condition holds, and gives it as it is then; undefined when the condition failed. */
  async update(key: Key, change: Expression, when: Expression): Promise<Item | undefined> {
    const command = new UpdateItemCommand({
      TableName: this.name,
      Key: toAttributes({ ...key }),
      UpdateExpression: change.text,
      ConditionExpression: when.text,
      ReturnValues: 'ALL_NEW',
      ...placeholders(change, when),
    });
    const done = await this.write('UpdateItem', key, () => this.client.send(command));
    return done && fromAttributes(done.Attributes ?? {});
  }

  /** Removes an item, if the condition holds; one that is not there is fine. */
  async delete(key: Key, when?: Expression): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.name,
      Key: toAttributes({ ...key }),
      ...conditional(when),
    });
    await this.write('DeleteItem', key, () => this.client.send(command));
  }

  /** Removes an item, if the condition holds. */
  async deleteWhen(key: Key, when: Expression): Promise<'deleted' | 'refused'> {
    const command = new DeleteItemCommand({
      TableName: this.name,
      Key: toAttributes({ ...key }),
      ...conditional(when),
    });
    const done = await this.write('DeleteItem', key, () => this.client.send(command));
    return done === undefined ? 'refused' : 'deleted';
  }

  async #batch(keys: readonly Key[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    let wanted = keys.map((key) => toAttributes({ ...key }));
    // A throttled batch comes back in part, and each round gives at least one item or the call itself fails.
    for (let round = 0; wanted.length > 0; round++) {
      if (round === keys.length) throw this.#unanswered(wanted.length, keys.length);
      const request = { RequestItems: { [this.name]: { Keys: wanted, ConsistentRead: true } } };
      const about = `table ${this.name}`;
      const page = await this.ask('BatchGetItem', about, 'read', () =>
        this.client.send(new BatchGetItemCommand(request)),
      );
      items.push(...(page.Responses?.[this.name] ?? []).map(fromAttributes));
      wanted = page.UnprocessedKeys?.[this.name]?.Keys ?? [];
    }
    return items;
  }

  #unanswered(left: number, asked: number): Failure {
    const message = `dynamodb:BatchGetItem on table ${this.name} left ${left} of ${asked} keys unanswered. Nothing was changed. Repeat the step.`;
    return new Failure('StoreUnavailable', message, 'none');
  }
}

function conditional(when: Expression | undefined) {
  return when === undefined ? {} : { ConditionExpression: when.text, ...placeholders(when) };
}

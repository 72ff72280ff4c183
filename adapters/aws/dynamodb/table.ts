import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
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

  /** Sends a request; what fails is one of our failures, which says what it was about. */
  async ask<T>(
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
}

function conditional(when: Expression | undefined) {
  return when === undefined ? {} : { ConditionExpression: when.text, ...placeholders(when) };
}

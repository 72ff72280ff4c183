import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { toAttributes, type Storable } from './attributes';

/**
 * A DynamoDB expression in which `#name` is the attribute of that name (DynamoDB reserves hundreds of words, owner and
 * slot-like ones among them) and `:name` the value given here.
 */
export interface Expression {
  readonly text: string;
  readonly values: { readonly [name: string]: Storable };
}

/** The parts of a request that resolve the placeholders of its expressions. */
export function placeholders(...expressions: readonly (Expression | undefined)[]): {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
} {
  const used = expressions.filter((each) => each !== undefined);
  const names = used
    .flatMap(({ text }) => text.match(/#\w+/g) ?? [])
    .map((name) => [name, name.slice(1)] as const);
  const values = used.flatMap((each) => Object.entries(toAttributes(each.values)));
  return {
    ...(names.length > 0 ? { ExpressionAttributeNames: Object.fromEntries(names) } : {}),
    ...(values.length > 0
      ? { ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])) }
      : {}),
  };
}

/** An update that makes attributes equal to what is given: undefined ones are removed. */
export function assign(fields: { readonly [name: string]: Storable }): Expression {
  const entries = Object.entries(fields);
  const set = entries.filter(([, value]) => value !== undefined).map(([name]) => `#${name} = :${name}`);
  const remove = entries.filter(([, value]) => value === undefined).map(([name]) => `#${name}`);
  const clauses = [
    set.length > 0 ? `SET ${set.join(', ')}` : '',
    remove.length > 0 ? `REMOVE ${remove.join(', ')}` : '',
  ];
  return { text: clauses.filter((clause) => clause !== '').join(' '), values: fields };
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** What our items hold. */
export type Storable =
  string | number | boolean | null | undefined | readonly Storable[] | { readonly [name: string]: Storable };

/** An item as plain values; whoever reads it parses it. */
export type Item = Readonly<Record<string, unknown>>;

/** Members that are undefined are left out, so that indexes stay sparse and `attribute_not_exists` holds. */
export function toAttributes(item: { readonly [name: string]: Storable }): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, toAttribute(value)]],
    ),
  );
}

/** Attributes of an item as plain values. */
export function fromAttributes(attributes: Readonly<Record<string, AttributeValue>>): Item {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttribute(value)]));
}

function toAttribute(value: Exclude<Storable, undefined>): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (isList(value)) return { L: value.flatMap((each) => (each === undefined ? [] : [toAttribute(each)])) };
  return { M: toAttributes(value) };
}

function isList(
  value: readonly Storable[] | { readonly [name: string]: Storable },
): value is readonly Storable[] {
  return Array.isArray(value);
}

function fromAttribute(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(fromAttribute);
  if (value.M !== undefined) return fromAttributes(value.M);
  return null;
}

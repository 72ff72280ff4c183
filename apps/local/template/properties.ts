import * as z from 'zod/mini';
import type { ResourceId } from './target';

/**
 * Parses the properties of a resource; those a schema does not name are ignored by it.
 * @throws Error naming the resource and what is wrong with its properties
 */
export function properties<T>(schema: z.ZodMiniType<T>, value: unknown, { stack, logicalId }: ResourceId): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${stack}/${logicalId}: gapless local cannot read its properties: ${z.prettifyError(parsed.error)}`,
  );
}

/**
 * Refuses properties whose effect the engine does not have, rather than silently being different.
 * @throws Error naming the property
 */
export function refuse(value: unknown, names: readonly string[], { stack, logicalId }: ResourceId): void {
  const given = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const found = names.find((name) => given.includes(name));
  if (found) throw new Error(`${stack}/${logicalId}: gapless local does not implement the property ${found}`);
}

/** Tags and other lists the engine takes as they come. */
export const looseRecord = z.record(z.string(), z.unknown());

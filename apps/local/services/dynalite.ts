import { createRequire } from 'node:module';
import * as z from 'zod/mini';
import { once } from '../once';
import { partOf, type TableStore } from './table-store';

const Code = z.custom<(...given: unknown[]) => unknown>((value) => typeof value === 'function');
const Checks = z.object({ checkTypes: Code, checkValidations: Code });
const Validation = z.object({ types: z.unknown(), custom: z.optional(Code) });

const load = createRequire(__filename);
const { checkTypes, checkValidations } = Checks.parse(load('dynalite/validations'));
const { create } = z.object({ create: Code }).parse(load('dynalite/db'));

/** What an action takes, and what it does. */
const actionOf = once((action) => {
  const name = `${action.charAt(0).toLowerCase()}${action.slice(1)}`;
  const { types, custom } = Validation.parse(load(`dynalite/validations/${name}`));
  return { types, custom, run: Code.parse(load(`dynalite/actions/${name}`)) };
});

/**
 * dynalite's actions over a store of ours. They are called without its HTTP server, because the gateway has checked the
 * caller's signature, and without LevelDB behind its thread pool, which would be most of what a call costs.
 * @returns what performs an action; it rejects with what dynalite refuses with, an HTTP status and the body of an answer
 */
export function dynaliteOver(kept: TableStore) {
  const part = once((name) => partOf(kept, name));
  const store = Object.assign(Object(create({ createTableMs: 0 })), {
    getItemDb: (table: string) => part(`item-${table}`),
    getIndexDb: (_type: string, table: string, index: string) => part(`index-${table}~${index}`),
  });
  // Functions of its own hold on to this object. Descriptions are read once, because none of the actions we serve changes
  // the one it is given; DeleteTable and UpdateTable would.
  Object.assign(store.tableDb, partOf(kept, 'table', once(JSON.parse)));
  return (action: string, input: Record<string, unknown>): Promise<unknown> => {
    const { types, custom, run } = actionOf(action);
    return new Promise((resolve, reject) => {
      const data = checkTypes(input, types);
      checkValidations(data, types, custom, store);
      run(store, data, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)));
    });
  };
}

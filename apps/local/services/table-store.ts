import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import BTree from 'sorted-btree';
import { lineOf, replayed } from '../store';

type Done = (error: Error | null, value?: unknown) => void;
/** Bounds of a range of keys, and how it is read, in LevelDB's terms; a limit below 0 is none. */
type Range = { [bound in 'gt' | 'gte' | 'lt' | 'lte']?: string } & { reverse?: boolean; limit?: number };

/**
 * What is in the tables: in memory in the order of its keys, and in a file to which each change is added before it is
 * answered.
 * @see https://riak.com/assets/bitcask-intro.pdf the same way of keeping keys in memory and changes in a log
 */
export class TableStore {
  readonly kept = new BTree<string, string>();
  #open: number | undefined;

  /** Reads what is kept. */
  constructor(file: string) {
    for (const [key, text] of replayed(file)) this.kept.set(key, text);
    this.#open = openSync(file, 'a', 0o600);
  }

  /** Closes the file; everything acknowledged is in it. */
  close(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
  }

  /** Puts JSON under a key; an empty text takes the key away. @returns an error when the store is closed */
  change(key: string, text: string): Error | null {
    if (this.#open === undefined) return new Error('Database is closed; nothing was changed.');
    writeFileSync(this.#open, lineOf(key, text));
    if (text === '') this.kept.delete(key);
    else this.kept.set(key, text);
    return null;
  }
}

/**
 * One table's items, or one index, as dynalite asks for them. Nothing in it waits, so nothing comes between a condition
 * and its write, and a lock has nothing to keep out.
 */
export function partOf(store: TableStore, name: string, read = (text: string): unknown => JSON.parse(text)) {
  const at = (key: string) => `${name}~${key}`;
  const change = (key: string, text: string, done: Done) => done(store.change(at(key), text));
  return {
    lock: (_key: string, run: (release: (done: Done) => Done) => void) => run((done) => done),
    get: (key: string, done: Done) => {
      const text = store.kept.get(at(key));
      done(null, text === undefined ? undefined : read(text));
    },
    put: (key: string, value: object, done: Done) => change(key, JSON.stringify(value), done),
    del: (key: string, done: Done) => change(key, '', done),
    createValueStream: ({ gt, gte = gt, lt, lte = lt, reverse = false, limit = -1 }: Range) => {
      const [low, high] = [at(gte ?? ''), at(lte ?? '\uFFFF')];
      const excluded = [gt, lt].flatMap((key) => (key === undefined ? [] : [at(key)]));
      const found: unknown[] = [];
      for (const [key, text] of reverse ? store.kept.entriesReversed(high) : store.kept.entries(low)) {
        if (key < low || key > high || found.length === limit) break;
        if (!excluded.includes(key)) found.push(JSON.parse(text));
      }
      return Readable.from(found);
    },
  };
}

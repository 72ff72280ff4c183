import * as fs from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod/mini';

/**
 * What a log says: of each key the last text; a key whose last text is empty is gone. The log is written anew with just
 * that. A line that was cut short, by a crash or a full disk, has no tab at its end and counts for nothing.
 */
export function replayed(file: string): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  for (let at = 0, end = 0; end < bytes.length; at = end + 1) {
    end = bytes.indexOf(10, at) < 0 ? bytes.length : bytes.indexOf(10, at);
    const [key = '', text = '', rest] = bytes.toString('utf8', at, end).split('\t');
    if (rest === '' && text === '') kept.delete(key);
    else if (rest === '') kept.set(key, text);
  }
  const fresh = fs.openSync(`${file}.new`, 'w', 0o600);
  for (const [key, text] of kept) fs.writeFileSync(fresh, lineOf(key, text));
  fs.fsyncSync(fresh);
  fs.closeSync(fresh);
  fs.renameSync(`${file}.new`, file);
  return kept;
}

/** A line of a log, begun anew whatever is before it. A tab ends key and text: JSON has none. */
export const lineOf = (key: string, text: string) => `\n${key}\t${text}\t`;

/** Small JSON documents of one kind, in a log in a folder of the data folder; readable by the owner only. */
export class Documents<T> {
  readonly #folder: string;
  readonly #log: string;
  readonly #byId = new Map<string, T>();

  /** Reads what is kept. @throws when a file does not hold what the schema says */
  constructor(
    dataDir: string,
    name: string,
    schema: z.ZodMiniType<T>,
    private readonly idOf: (document: T) => string,
  ) {
    this.#folder = join(dataDir, name);
    fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#log = join(this.#folder, 'documents.log');
    for (const text of replayed(this.#log).values()) {
      const document = schema.parse(JSON.parse(text));
      this.#byId.set(idOf(document), document);
    }
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  all(): readonly T[] {
    return [...this.#byId.values()];
  }

  /** Keeps a document in place of the one of the same id; a crash leaves either the old one or the new one. */
  save(document: T): void {
    const id = this.idOf(document);
    fs.appendFileSync(this.#log, lineOf(encodeURIComponent(id), JSON.stringify(document)), { mode: 0o600 });
    this.#byId.set(id, document);
  }

  /** Writes a file beside the documents. */
  write(file: string, content: string | Buffer): void {
    const target = join(this.#folder, file);
    fs.writeFileSync(`${target}.new`, content, { mode: 0o600 });
    fs.renameSync(`${target}.new`, target);
  }

  /** Reads a file written by {@link write}. */
  read(file: string): Buffer {
    return fs.readFileSync(join(this.#folder, file));
  }
}

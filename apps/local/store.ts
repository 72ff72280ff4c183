import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod/mini';

/** File name of a document; ids too long for a file system are hashed. */
function fileOf(id: string): string {
  const readable = encodeURIComponent(id);
  return `${readable.length <= 200 ? readable : createHash('sha256').update(id).digest('hex')}.json`;
}

/** Small JSON documents of one kind in a folder of the data folder; readable by the owner only, replaced as a whole. */
export class Documents<T> {
  readonly #folder: string;
  readonly #byId = new Map<string, T>();

  /** Reads what is kept. @throws when a file does not hold what the schema says */
  constructor(
    dataDir: string,
    name: string,
    schema: z.ZodMiniType<T>,
    private readonly idOf: (document: T) => string,
  ) {
    this.#folder = join(dataDir, name);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(this.#folder).toSorted()) {
      if (!file.endsWith('.json')) continue;
      const document = schema.parse(JSON.parse(this.read(file).toString('utf8')));
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
    this.#byId.set(id, document);
    this.write(fileOf(id), JSON.stringify(document));
  }

  /** Writes a file beside the documents. */
  write(file: string, content: string | Buffer): void {
    const target = join(this.#folder, file);
    writeFileSync(`${target}.new`, content, { mode: 0o600 });
    renameSync(`${target}.new`, target);
  }

  /** Reads a file written by {@link write}. */
  read(file: string): Buffer {
    return readFileSync(join(this.#folder, file));
  }
}

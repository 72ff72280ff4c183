import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LONGEST_FILE_NAME = 200;

/** File name of a document; ids too long for a file system are hashed. */
function fileOf(id: string): string {
  const readable = encodeURIComponent(id);
  return `${readable.length <= LONGEST_FILE_NAME ? readable : createHash('sha256').update(id).digest('hex')}.json`;
}

/** Small JSON documents in one folder of the data folder; readable by the owner only, replaced as a whole. */
export class DocumentStore {
  readonly #folder: string;

  constructor(dataDir: string, name: string) {
    this.#folder = join(dataDir, name);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Every document, parsed by the given parser, in the order of their ids. */
  all<T>(parse: (value: unknown) => T): T[] {
    const files = readdirSync(this.#folder).filter((file) => file.endsWith('.json'));
    return files.toSorted().map((file) => parse(JSON.parse(readFileSync(join(this.#folder, file), 'utf8'))));
  }

  /** Writes a document; a crash leaves either the old one or the new one. */
  save(id: string, value: unknown): void {
    this.write(fileOf(id), JSON.stringify(value));
  }

  /** Removes a document, if there is one. */
  remove(id: string): void {
    rmSync(join(this.#folder, fileOf(id)), { force: true });
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

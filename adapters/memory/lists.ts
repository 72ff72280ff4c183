import type { Lists } from '../../core/ports/policies';

/** Lists in this process: for fast tests and benches. */
export class MemoryLists implements Lists {
  readonly #lists = new Map<string, readonly object[]>();

  async write(
    key: string,
    items: readonly object[],
  ): Promise<{ readonly bucket: string; readonly key: string }> {
    if (!this.#lists.has(key)) this.#lists.set(key, items);
    return { bucket: 'memory', key };
  }

  async read(key: string): Promise<string | undefined> {
    const items = this.#lists.get(key);
    return items && JSON.stringify(items);
  }
}

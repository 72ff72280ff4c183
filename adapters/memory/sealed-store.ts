import type { ObjectVersions, SealedStore } from '../../core/ports/sealed-store';

/** Sealed objects in this process: for fast tests and benches. */
export class MemorySealedStore implements SealedStore {
  readonly #objects = new Map<string, Uint8Array>();

  async put(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'> {
    if (this.#objects.has(key)) return 'exists';
    this.#objects.set(key, Uint8Array.from(bytes));
    return 'stored';
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#objects.get(key);
  }

  async versions(prefix: string): Promise<readonly ObjectVersions[]> {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    return keys.map((key) => ({ key, versions: [{ kind: 'object' }] }));
  }
}

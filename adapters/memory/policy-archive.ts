import type { PolicyArchive } from '../../core/ports/policy-archive';

/** Policy bodies in this process: for fast tests and benches. */
export class MemoryPolicyArchive implements PolicyArchive {
  readonly #bodies = new Map<string, string>();

  async put(sha256: string, body: string): Promise<'stored' | 'exists'> {
    if (this.#bodies.has(sha256)) return 'exists';
    this.#bodies.set(sha256, body);
    return 'stored';
  }

  async get(sha256: string): Promise<string | undefined> {
    return this.#bodies.get(sha256);
  }
}

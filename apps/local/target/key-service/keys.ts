import { randomBytes } from 'node:crypto';

/** A key as the service keeps it. Times are epoch milliseconds of the service's own clock. */
export interface Key {
  readonly id: string;
  readonly owner: string;
  readonly label: string | undefined;
  readonly value: string;
  readonly createdAt: number;
  state: 'active' | 'disabled';
  lastUsedAt: number | undefined;
  expiresAt: number | undefined;
  /** What it may do; `none` is a key that is known and may do nothing. */
  scope: 'all' | 'none';
}

/** What a presented key is worth. */
export type Worth = 'valid' | 'invalid';

/**
 * The keys of the service. A change takes `propagationMs` until validation sees it: it answers from the state the keys
 * had that long ago.
 */
export class Keys {
  propagationMs = 0;
  readonly #keys = new Map<string, Key>();
  /** Keys that were disabled or deleted, by value, and since when. */
  readonly #endings = new Map<string, { readonly key: Key; readonly at: number }>();
  #offsetMs = 0;

  /** The service's clock: real time, and what it was told to skip. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  advance(ms: number): void {
    this.#offsetMs += ms;
  }

  create(owner: string, label?: string): Key {
    const id = randomBytes(6).toString('hex');
    const key: Key = {
      id,
      owner,
      label,
      value: `gk_${id}_${randomBytes(24).toString('hex')}`,
      createdAt: this.now(),
      state: 'active',
      lastUsedAt: undefined,
      expiresAt: undefined,
      scope: 'all',
    };
    this.#keys.set(id, key);
    return key;
  }

  all(): readonly Key[] {
    return [...this.#keys.values()];
  }

  get(id: string): Key | undefined {
    return this.#keys.get(id);
  }

  disable(key: Key): void {
    key.state = 'disabled';
    this.#end(key);
  }

  delete(key: Key): void {
    this.#keys.delete(key.id);
    this.#end(key);
  }

  #end(key: Key): void {
    if (!this.#endings.has(key.value)) this.#endings.set(key.value, { key, at: this.now() });
  }

  /** The key a value belongs to, as validation sees it now. */
  validate(value: string | undefined): { readonly worth: Worth; readonly key?: Key } {
    const live = this.all().find((key) => key.value === value && key.state === 'active');
    const ending = value === undefined ? undefined : this.#endings.get(value);
    const lingering = ending && this.now() < ending.at + this.propagationMs ? ending.key : undefined;
    const key = live ?? lingering;
    if (!key || (key.expiresAt !== undefined && key.expiresAt <= this.now())) return { worth: 'invalid' };
    key.lastUsedAt = this.now();
    return { worth: 'valid', key };
  }
}

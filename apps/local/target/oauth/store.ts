import type { Adapter, AdapterPayload } from 'oidc-provider' with { 'resolution-mode': 'import' };

interface Kept {
  payload: AdapterPayload;
  /** Epoch milliseconds by the issuer's clock. */
  expiresAt: number | undefined;
  /** Deleted, and still found by the token endpoint until then. */
  goneAt: number | undefined;
}

const listed = ['client_id', 'client_id_issued_at', 'software_id', 'software_version'];
const nothing = async () => undefined;

/** Everything the issuer keeps, in memory. A deletion is seen by its other parts after `propagationMs`. */
export class IssuerStore {
  propagationMs = 0;
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What the provider reads and writes of one model. */
  adapter(model: string): Adapter {
    const key = (id: string) => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn) => this.#put(key(id), payload, expiresIn),
      find: async (id) => this.#live(key(id))?.payload,
      destroy: async (id) => this.#destroy(key(id)),
      consume: nothing,
      findByUid: nothing,
      findByUserCode: nothing,
      revokeByGrantId: nothing,
    };
  }

  /** The clients that were not deleted, as a list shows them: without their secrets. */
  clients(): readonly AdapterPayload[] {
    return [...this.#kept]
      .filter(([key, { goneAt }]) => key.startsWith('Client:') && goneAt === undefined)
      .map(([, { payload }]) => Object.fromEntries(listed.map((name) => [name, payload[name]])));
  }

  /** Changes what is kept of a client, as somebody at the issuer's own console would. */
  amend(clientId: string, changes: AdapterPayload): void {
    const kept = this.#live(`Client:${clientId}`);
    if (kept) kept.payload = { ...kept.payload, ...changes };
  }

  /** Deletes a client; `propagationMs` later the token endpoint knows. */
  deleteClient(clientId: string): void {
    this.#destroy(`Client:${clientId}`);
  }

  /** Whether a client was not deleted. */
  has(clientId: string): boolean {
    return this.#kept.get(`Client:${clientId}`)?.goneAt === undefined && this.#kept.has(`Client:${clientId}`);
  }

  #put(key: string, payload: AdapterPayload, expiresIn: number | undefined): void {
    const expiresAt = expiresIn === undefined ? undefined : this.#now() + expiresIn * 1_000;
    this.#kept.set(key, { payload, expiresAt, goneAt: undefined });
  }

  #live(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    const over = [kept.expiresAt, kept.goneAt].some((at) => at !== undefined && at <= this.#now());
    return over ? undefined : kept;
  }

  #destroy(key: string): void {
    const kept = this.#kept.get(key);
    if (kept && kept.goneAt === undefined)
      kept.goneAt = this.#now() + (key.startsWith('Client:') ? this.propagationMs : 0);
  }
}

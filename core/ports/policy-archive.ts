/** Policy bodies kept with the evidence: RunOpened names one by its hash, and a verifier must be able to read it. */
export interface PolicyArchive {
  /** Create-only; `sha256` is the hex hash of `body`, the canonical policy. Failures: StoreUnavailable. */
  put(sha256: string, body: string): Promise<'stored' | 'exists'>;
  /** Strongly consistent read. Failures: StoreUnavailable (effect none). */
  get(sha256: string): Promise<string | undefined>;
}

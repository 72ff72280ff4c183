import type { Material } from '../../core/material';
import type { CurrentVersion, Labels, Vault } from '../../core/ports/vault';
import { materialOf, otherPending, promotion, secretMissing } from '../../core/vault-rules';

interface Secret {
  readonly texts: ReadonlyMap<string, string>;
  readonly labels: Labels;
}

/** Secrets in this process: for fast tests and benches. */
export class MemoryVault implements Vault {
  readonly #secrets = new Map<string, Secret>();

  /** Creates a secret whose current version holds the material. */
  create(secret: string, versionId: string, material: Material): void {
    const labels = { current: versionId, pending: undefined, previous: undefined };
    this.#secrets.set(secret, { texts: new Map([[versionId, material.toVaultText()]]), labels });
  }

  async labels(secret: string): Promise<Labels> {
    return this.#secret(secret).labels;
  }

  async read(secret: string, versionId: string): Promise<Material | undefined> {
    const text = this.#secret(secret).texts.get(versionId);
    return text === undefined ? undefined : materialOf(secret, text);
  }

  async readCurrent(secret: string): Promise<CurrentVersion> {
    const { texts, labels } = this.#secret(secret);
    if (labels.current === undefined) throw secretMissing(secret);
    const versionId = labels.current;
    return { versionId, material: materialOf(secret, texts.get(versionId)) };
  }

  async readAuthority(secret: string): Promise<CurrentVersion> {
    return this.readCurrent(secret);
  }

  async putPending(secret: string, versionId: string, material: Material): Promise<void> {
    const { texts, labels } = this.#secret(secret);
    const there = texts.get(versionId);
    const text = material.toVaultText();
    if (there === text) return;
    if (there !== undefined) throw otherPending(secret, versionId);
    const next = new Map(texts).set(versionId, text);
    this.#secrets.set(secret, { texts: next, labels: { ...labels, pending: versionId } });
  }

  async promote(secret: string, to: string, from: string): Promise<void> {
    const { texts, labels } = this.#secret(secret);
    if (promotion(secret, labels, to, from) === 'done') return;
    if (!texts.has(to)) throw secretMissing(secret);
    this.#secrets.set(secret, { texts, labels: { ...labels, current: to, previous: from } });
  }

  async dropPending(secret: string, versionId: string): Promise<void> {
    const { texts, labels } = this.#secret(secret);
    if (labels.pending === versionId)
      this.#secrets.set(secret, { texts, labels: { ...labels, pending: undefined } });
  }

  #secret(name: string): Secret {
    const secret = this.#secrets.get(name);
    if (secret === undefined) throw secretMissing(name);
    return secret;
  }
}

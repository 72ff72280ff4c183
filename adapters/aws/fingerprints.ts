import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { Failure } from '../../core/failure';
import { fingerprintMessage, fingerprintOf } from '../../core/fingerprint';
import type { Material } from '../../core/material';
import type { Fingerprints } from '../../core/ports/vault';
import { storeFailure } from './sdk-failure';

/** Fingerprints under a KMS key of spec HMAC_256, which never leaves KMS. Failures: StoreUnavailable (effect none). */
export class KmsFingerprints implements Fingerprints {
  readonly #client: KMSClient;
  readonly #keyId: string;

  constructor(client: KMSClient, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  async of(material: Material): Promise<string> {
    const command = new GenerateMacCommand({
      KeyId: this.#keyId,
      MacAlgorithm: 'HMAC_SHA_256',
      Message: fingerprintMessage(material),
    });
    const { Mac } = await this.#client.send(command).catch((error: unknown) => {
      throw storeFailure(error, { action: 'kms:GenerateMac', about: `key ${this.#keyId}`, access: 'read' });
    });
    if (Mac !== undefined) return fingerprintOf(Mac);
    throw new Failure(
      'StoreUnavailable',
      `kms:GenerateMac on key ${this.#keyId} gave no MAC. Nothing was changed. Repeat the step.`,
      'none',
    );
  }
}

import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, SignCommand, type KMSClient } from '@aws-sdk/client-kms';
import { Failure } from '../../core/failure';
import type { Signer } from '../../core/ports/signer';
import { storeFailure } from './sdk-failure';

/**
 * Signs with a KMS key of spec ECC_NIST_P256 and usage SIGN_VERIFY, which never leaves KMS. KMS hashes the message itself
 * and takes at most 4,096 bytes (docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html); every signed text has a
 * few hundred.
 */
export class KmsSigner implements Signer {
  readonly #client: KMSClient;
  readonly #keyId: string;
  #publicKey: Promise<string> | undefined;

  constructor(client: KMSClient, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const command = new SignCommand({
      KeyId: this.#keyId,
      Message: message,
      MessageType: 'RAW',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { Signature } = await this.#ask('kms:Sign', () => this.#client.send(command));
    return Signature ?? this.#nothing('kms:Sign');
  }

  async publicKey(): Promise<string> {
    this.#publicKey ??= this.#readPublicKey();
    try {
      return await this.#publicKey;
    } catch (error) {
      this.#publicKey = undefined;
      throw error;
    }
  }

  async #readPublicKey(): Promise<string> {
    const command = new GetPublicKeyCommand({ KeyId: this.#keyId });
    const answer = await this.#ask('kms:GetPublicKey', () => this.#client.send(command));
    const key = Buffer.from(answer.PublicKey ?? this.#nothing('kms:GetPublicKey'));
    return createPublicKey({ key, format: 'der', type: 'spki' })
      .export({ type: 'spki', format: 'pem' })
      .toString();
  }

  async #ask<T>(action: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw storeFailure(error, { action, about: `key ${this.#keyId}`, access: 'read' });
    }
  }

  #nothing(action: string): never {
    const message = `${action} on key ${this.#keyId} gave nothing. Nothing was changed. Repeat the step.`;
    throw new Failure('StoreUnavailable', message, 'none');
  }
}

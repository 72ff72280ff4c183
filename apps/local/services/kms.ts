import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import * as z from 'zod/mini';
import { unsupported } from '../dispatch';
import { ServiceError, type Service } from '../service';
import type { DocumentStore } from '../store';
import { arn, nameOf, type Place } from './arn';

const Key = z.object({
  id: z.string(),
  spec: z.enum(['HMAC_256', 'ECC_NIST_P256', 'SYMMETRIC_DEFAULT']),
  usage: z.string(),
  material: z.string(),
});
type Key = z.infer<typeof Key>;

/** Key specs the engine can make; any other is refused at deploy. */
export type KeySpec = Key['spec'];

const Mac = z.object({
  KeyId: z.string(),
  Message: z.string(),
  MacAlgorithm: z.literal('HMAC_SHA_256'),
  Mac: z.optional(z.string()),
});
const Signing = z.object({
  KeyId: z.string(),
  Message: z.string(),
  MessageType: z.optional(z.enum(['RAW', 'DIGEST'])),
  SigningAlgorithm: z.literal('ECDSA_SHA_256'),
  Signature: z.optional(z.string()),
});
const KeyId = z.object({ KeyId: z.string() });

const base64 = (text: string) => Buffer.from(text, 'base64');

function newMaterial(spec: KeySpec): string {
  switch (spec) {
    case 'ECC_NIST_P256': {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    }
    case 'HMAC_256':
    case 'SYMMETRIC_DEFAULT':
      return randomBytes(32).toString('base64');
    default:
      return spec satisfies never;
  }
}

/** Signing and verifying take the prehashed digest only where the message is one. */
function digestAlgorithm(type: 'RAW' | 'DIGEST' | undefined): string {
  if (type !== 'DIGEST') return 'sha256';
  throw new ServiceError(
    'UnsupportedOperation',
    'gapless local does not implement kms MessageType DIGEST; send the message as RAW',
  );
}

/** KMS: HMAC keys and P-256 signing keys; symmetric keys exist so that tables and buckets can name them. */
export class Kms implements Service {
  readonly name = 'kms';
  readonly #keys = new Map<string, Key>();
  readonly #aliases = new Map<string, string>();

  constructor(
    readonly place: Place,
    private readonly store: DocumentStore,
  ) {
    for (const key of store.all((value) => Key.parse(value))) this.#keys.set(key.id, key);
  }

  /** Makes the key of a template resource, or finds it in the data folder. @returns its ARN */
  ensureKey(id: string, spec: KeySpec, usage: string): string {
    if (!this.#keys.has(id)) {
      const key: Key = { id, spec, usage, material: newMaterial(spec) };
      this.#keys.set(id, key);
      this.store.save(id, key);
    }
    return arn(this.place, 'kms', `key/${id}`);
  }

  /** Points an alias (`alias/...`) at a key. */
  setAlias(alias: string, keyId: string): void {
    this.#aliases.set(alias, nameOf(keyId));
  }

  /** ARN of the key behind an id, ARN or alias; unknown ids keep their shape. */
  arnOf(keyId: string): string {
    return arn(this.place, 'kms', `key/${this.#resolve(keyId)}`);
  }

  async handle(action: string, input: Record<string, unknown>): Promise<unknown> {
    switch (action) {
      case 'GenerateMac':
        return this.#mac(Mac.parse(input));
      case 'VerifyMac':
        return this.#verifyMac(Mac.parse(input));
      case 'Sign':
        return this.#sign(Signing.parse(input));
      case 'Verify':
        return this.#verify(Signing.parse(input));
      case 'GetPublicKey':
        return this.#publicKey(KeyId.parse(input).KeyId);
      default:
        throw unsupported(this.name, action);
    }
  }

  #resolve(keyId: string): string {
    const alias = keyId.includes('alias/') ? keyId.slice(keyId.indexOf('alias/')) : undefined;
    return alias ? (this.#aliases.get(alias) ?? alias) : nameOf(keyId);
  }

  #key(keyId: string, spec: KeySpec): Key {
    const key = this.#keys.get(this.#resolve(keyId));
    if (!key) throw new ServiceError('NotFoundException', `Key '${keyId}' does not exist`);
    if (key.spec === spec) return key;
    throw new ServiceError(
      'InvalidKeyUsageException',
      `${this.arnOf(keyId)} key usage is ${key.usage} which is not valid for this operation.`,
    );
  }

  #macOf(input: z.infer<typeof Mac>): Buffer {
    const key = this.#key(input.KeyId, 'HMAC_256');
    return createHmac('sha256', base64(key.material)).update(base64(input.Message)).digest();
  }

  #mac(input: z.infer<typeof Mac>) {
    return { KeyId: this.arnOf(input.KeyId), Mac: this.#macOf(input), MacAlgorithm: input.MacAlgorithm };
  }

  #verifyMac(input: z.infer<typeof Mac>) {
    const expected = this.#macOf(input);
    const given = base64(input.Mac ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new ServiceError('KMSInvalidMacException', 'The MAC does not match.');
    }
    return { KeyId: this.arnOf(input.KeyId), MacValid: true, MacAlgorithm: input.MacAlgorithm };
  }

  #private(keyId: string) {
    return createPrivateKey({
      key: base64(this.#key(keyId, 'ECC_NIST_P256').material),
      format: 'der',
      type: 'pkcs8',
    });
  }

  #sign(input: z.infer<typeof Signing>) {
    const Signature = sign(
      digestAlgorithm(input.MessageType),
      base64(input.Message),
      this.#private(input.KeyId),
    );
    return { KeyId: this.arnOf(input.KeyId), Signature, SigningAlgorithm: input.SigningAlgorithm };
  }

  #verify(input: z.infer<typeof Signing>) {
    const key = createPublicKey(this.#private(input.KeyId));
    const algorithm = digestAlgorithm(input.MessageType);
    if (!verify(algorithm, base64(input.Message), key, base64(input.Signature ?? ''))) {
      throw new ServiceError('KMSInvalidSignatureException', 'The signature does not match.');
    }
    return { KeyId: this.arnOf(input.KeyId), SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
  }

  #publicKey(keyId: string) {
    const PublicKey = createPublicKey(this.#private(keyId)).export({ type: 'spki', format: 'der' });
    return {
      KeyId: this.arnOf(keyId),
      PublicKey,
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: ['ECDSA_SHA_256'],
    };
  }
}

import * as crypto from 'node:crypto';
import * as z from 'zod/mini';
import { action, ActionTable, ServiceError } from '../service';
import { Documents } from '../store';
import type { Surroundings } from '../surroundings';
import { arn, nameOf } from './arn';

const Key = z.object({
  id: z.string(),
  spec: z.enum(['HMAC_256', 'ECC_NIST_P256', 'SYMMETRIC_DEFAULT']),
  usage: z.string(),
  material: z.string(),
});
type Key = z.infer<typeof Key>;

/** Key specs the engine can make; any other is refused at deploy. */
export type KeySpec = Key['spec'];

const base64 = (raw: Buffer) => raw.toString('base64');
const bytes = z.pipe(
  z.string(),
  z.transform((text) => Buffer.from(text, 'base64')),
);
const KeyId = z.object({ KeyId: z.string() });
const Mac = z.extend(KeyId, { Message: bytes, MacAlgorithm: z.literal('HMAC_SHA_256') });
const VerifyMac = z.extend(Mac, { Mac: bytes });
const Sign = z.extend(KeyId, {
  Message: bytes,
  MessageType: z.optional(z.literal('RAW')),
  SigningAlgorithm: z.literal('ECDSA_SHA_256'),
});
const Verify = z.extend(Sign, { Signature: bytes });

function newMaterial(spec: KeySpec): string {
  if (spec !== 'ECC_NIST_P256') return crypto.randomBytes(32).toString('base64');
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}

/** KMS: HMAC keys and P-256 signing keys; symmetric keys exist so that tables and buckets can name them. */
export class Kms extends ActionTable {
  readonly name = 'kms';
  protected readonly actions = {
    GenerateMac: action(Mac, ({ KeyId, Message, MacAlgorithm }) => {
      return { KeyId: this.arnOf(KeyId), Mac: base64(this.#mac(KeyId, Message)), MacAlgorithm };
    }),
    VerifyMac: action(VerifyMac, ({ KeyId, Message, Mac, MacAlgorithm }) => {
      const expected = this.#mac(KeyId, Message);
      const MacValid = Mac.length === expected.length && crypto.timingSafeEqual(Mac, expected);
      if (MacValid) return { KeyId: this.arnOf(KeyId), MacValid, MacAlgorithm };
      throw new ServiceError('KMSInvalidMacException', 'The MAC does not match.');
    }),
    Sign: action(Sign, ({ KeyId, Message, SigningAlgorithm }) => {
      const Signature = base64(crypto.sign('sha256', Message, this.#private(KeyId)));
      return { KeyId: this.arnOf(KeyId), Signature, SigningAlgorithm };
    }),
    Verify: action(Verify, ({ KeyId, Message, Signature, SigningAlgorithm }) => {
      const SignatureValid = crypto.verify('sha256', Message, this.#private(KeyId), Signature);
      if (SignatureValid) return { KeyId: this.arnOf(KeyId), SignatureValid, SigningAlgorithm };
      throw new ServiceError('KMSInvalidSignatureException', 'The signature does not match.');
    }),
    GetPublicKey: action(KeyId, ({ KeyId }) => {
      const key = crypto.createPublicKey(this.#private(KeyId)).export({ type: 'spki', format: 'der' });
      const use = { KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: ['ECDSA_SHA_256'] };
      return { KeyId: this.arnOf(KeyId), PublicKey: base64(key), KeySpec: 'ECC_NIST_P256', ...use };
    }),
  };
  readonly #keys: Documents<Key>;
  readonly #aliases = new Map<string, string>();

  constructor(private readonly around: Surroundings) {
    super();
    this.#keys = new Documents(around.dataDir, 'kms', Key, ({ id }) => id);
  }

  /** Makes the key of a template resource, or finds it in the data folder. @returns its ARN */
  ensureKey(id: string, spec: KeySpec, usage: string): string {
    if (!this.#keys.get(id)) this.#keys.save({ id, spec, usage, material: newMaterial(spec) });
    return this.arnOf(id);
  }

  /** Points an alias (`alias/...`) at a key. */
  setAlias(alias: string, keyId: string): void {
    this.#aliases.set(alias, nameOf(keyId));
  }

  /** ARN of the key behind an id, ARN or alias; unknown ids keep their shape. */
  arnOf(keyId: string): string {
    return arn(this.around.place, 'kms', `key/${this.#resolve(keyId)}`);
  }

  #resolve(keyId: string): string {
    const alias = keyId.includes('alias/') ? keyId.slice(keyId.indexOf('alias/')) : undefined;
    return alias ? (this.#aliases.get(alias) ?? alias) : nameOf(keyId);
  }

  #key(keyId: string, spec: KeySpec): Buffer {
    const key = this.#keys.get(this.#resolve(keyId));
    if (!key) throw new ServiceError('NotFoundException', `Key '${keyId}' does not exist`);
    if (key.spec === spec) return Buffer.from(key.material, 'base64');
    const why = `${this.arnOf(keyId)} key usage is ${key.usage} which is not valid for this operation.`;
    throw new ServiceError('InvalidKeyUsageException', why);
  }

  #mac(keyId: string, message: Buffer): Buffer {
    return crypto.createHmac('sha256', this.#key(keyId, 'HMAC_256')).update(message).digest();
  }

  #private(keyId: string) {
    return crypto.createPrivateKey({ key: this.#key(keyId, 'ECC_NIST_P256'), format: 'der', type: 'pkcs8' });
  }
}

import { createHash, verify } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { KmsSigner } from '../../adapters/aws/signer';
import { pinnedKey } from '../../core/ledger/signed';
import { openCloud, type TestCloud } from '../support/engine-cloud';

let cloud: TestCloud;
let s3: S3Client;
let kms: KMSClient;
let store: S3SealedStore;
beforeAll(async () => {
  cloud = await openCloud();
  s3 = new S3Client(cloud.client);
  kms = new KMSClient(cloud.client);
  store = new S3SealedStore(s3, cloud.output('Bucket'));
});
afterAll(async () => {
  s3.destroy();
  kms.destroy();
  await cloud.remove();
});

const text = async (key: string) => {
  const bytes = await store.get(key);
  return bytes && Buffer.from(bytes).toString();
};
const layOver = (Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket: cloud.output('Bucket'), Key, Body }));

describe('sealed objects in S3', () => {
  it('are written once, and the second writer is told', async () => {
    expect(await store.put('leaves/000000000000', Buffer.from('first'))).toBe('stored');
    expect(await store.put('leaves/000000000000', Buffer.from('second'))).toBe('exists');
    expect(await text('leaves/000000000000')).toBe('first');
    expect(await text('leaves/000000000001')).toBeUndefined();
  });

  it('are read in their oldest version, whatever was laid over it, and every version is counted', async () => {
    await store.put('checkpoint/000000000001', Buffer.from('sealed'));
    await layOver('checkpoint/000000000001', 'forged');
    await layOver('checkpoint/000000000001', 'forged again');
    expect(await text('checkpoint/000000000001')).toBe('sealed');
    expect(await store.versions('checkpoint/')).toEqual([
      { key: 'checkpoint/000000000001', versions: Array.from({ length: 3 }, () => ({ kind: 'object' })) },
    ]);
  });

  it('are listed by key over as many pages as it takes', async () => {
    const keys = Array.from({ length: 1_002 }, (_, index) => `pulse/${String(index).padStart(4, '0')}`);
    const left = keys.toReversed();
    while (left.length > 0)
      await Promise.all(left.splice(0, 20).map(async (key) => store.put(key, Buffer.from(key))));
    await layOver('pulse/0999', 'over a page boundary');
    const found = await store.versions('pulse/');
    expect(found.map(({ key }) => key)).toEqual(keys);
    expect(found.filter(({ versions }) => versions.length > 1).map(({ key }) => key)).toEqual(['pulse/0999']);
  });
});

describe('the signer in KMS', () => {
  it('signs so that its public key alone checks it, DER over SHA-256', async () => {
    const signer = new KmsSigner(kms, cloud.output('SigningKey'));
    const message = Buffer.from('a checkpoint');
    const key = pinnedKey(await signer.publicKey());
    const signature = await signer.sign(message);
    expect(verify('sha256', message, key, signature)).toBe(true);
    const other = createHash('sha256').update(message).digest();
    expect(verify('sha256', other, key, signature)).toBe(false);
  });

  it('tells a key that cannot sign, and changes nothing', async () => {
    const signer = new KmsSigner(kms, cloud.output('MacKey'));
    await expect(signer.sign(Buffer.from('x'))).rejects.toMatchObject({ name: 'Internal', effect: 'none' });
  });
});

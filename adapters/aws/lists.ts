import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Lists } from '../../core/ports/policies';
import { sdkErrorName, storeFailure } from './sdk-failure';

/**
 * Lists in S3, each written once: a key names its list, so one that is there already is the same list. Failures:
 * StoreUnavailable (effect unknown), Internal.
 */
export class S3Lists implements Lists {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async write(
    key: string,
    items: readonly object[],
  ): Promise<{ readonly bucket: string; readonly key: string }> {
    const place = { bucket: this.#bucket, key };
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: JSON.stringify(items),
      ContentType: 'application/json',
      IfNoneMatch: '*',
    });
    try {
      await this.#client.send(command);
      return place;
    } catch (error) {
      if (sdkErrorName(error) === 'PreconditionFailed') return place;
      throw storeFailure(error, {
        action: 's3:PutObject',
        about: `s3://${this.#bucket}/${key}`,
        access: 'write',
      });
    }
  }

  async read(key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return await Body?.transformToString();
    } catch (error) {
      if (sdkErrorName(error) === 'NoSuchKey') return undefined;
      const about = `s3://${this.#bucket}/${key}`;
      throw storeFailure(error, { action: 's3:GetObject', about, access: 'read' });
    }
  }
}

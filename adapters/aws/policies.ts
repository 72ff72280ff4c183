import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PolicyDocument, PolicyEntry } from '../../core/policy/document';
import { entryOf } from '../../core/policy/lookup';
import { readPolicyDocument } from '../../core/policy/read-document';
import type { Policies } from '../../core/ports/policies';
import { storeFailure } from './sdk-failure';

/**
 * The compiled policies of one revision in S3. The object is content-addressed, so what was read once stays right for as long as this
 * instance lives. Failures besides UnknownIdentity: InvalidInput, StoreUnavailable, Internal (effect none).
 */
export class S3Policies implements Policies {
  readonly #client: S3Client;
  readonly #place: { readonly Bucket: string; readonly Key: string };
  #document: Promise<PolicyDocument> | undefined;

  constructor(
    client: S3Client,
    bucket: string,
    key: string,
    private readonly revision: string,
  ) {
    this.#client = client;
    this.#place = { Bucket: bucket, Key: key };
  }

  async document(): Promise<PolicyDocument> {
    this.#document ??= this.#read();
    try {
      return await this.#document;
    } catch (error) {
      this.#document = undefined;
      throw error;
    }
  }

  async of(identityId: string): Promise<PolicyEntry> {
    return entryOf(await this.document(), identityId);
  }

  async #read(): Promise<PolicyDocument> {
    const source = `s3://${this.#place.Bucket}/${this.#place.Key}`;
    const text = await this.#text().catch((error: unknown) => {
      throw storeFailure(error, { action: 's3:GetObject', about: source, access: 'read' });
    });
    return readPolicyDocument(text, this.revision, source);
  }

  async #text(): Promise<string> {
    const { Body } = await this.#client.send(new GetObjectCommand(this.#place));
    return (await Body?.transformToString('utf-8')) ?? '';
  }
}

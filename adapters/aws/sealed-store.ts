import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectVersions, SealedStore } from '../../core/ports/sealed-store';
import { sdkErrorName, storeFailure } from './sdk-failure';

interface Version {
  readonly key: string;
  readonly id: string;
  readonly kind: 'object' | 'delete marker';
  readonly at: number;
}

/** Sealed objects in a versioned bucket with Object Lock. */
export class S3SealedStore implements SealedStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'> {
    const command = new PutObjectCommand({ ...this.#at(key), Body: bytes, IfNoneMatch: '*' });
    try {
      await this.#client.send(command);
      return 'stored';
    } catch (error) {
      if (sdkErrorName(error) === 'PreconditionFailed') return 'exists';
      throw storeFailure(error, { action: 's3:PutObject', about: this.#name(key), access: 'write' });
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const oldest = (await this.#list(key)).find(
      (version) => version.key === key && version.kind === 'object',
    );
    if (!oldest) return undefined;
    const command = new GetObjectCommand({ ...this.#at(key), VersionId: oldest.id });
    try {
      const { Body } = await this.#client.send(command);
      return await Body?.transformToByteArray();
    } catch (error) {
      throw storeFailure(error, { action: 's3:GetObjectVersion', about: this.#name(key), access: 'read' });
    }
  }

  async versions(prefix: string): Promise<readonly ObjectVersions[]> {
    const byKey = new Map<string, { readonly kind: Version['kind'] }[]>();
    for (const { key, kind } of await this.#list(prefix)) {
      const there = byKey.get(key);
      if (there) there.push({ kind });
      else byKey.set(key, [{ kind }]);
    }
    return [...byKey].map(([key, versions]) => ({ key, versions }));
  }

  /** Versions and delete markers under a prefix: by key, oldest first. */
  async #list(prefix: string): Promise<readonly Version[]> {
    const versions: Version[] = [];
    let from: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (from) {
      const page: ListObjectVersionsCommandOutput = await this.#page(prefix, from);
      // S3 lists the versions of a key newest first; a stable sort of the reverse keeps that order among equal times.
      const [objects, markers] = [page.Versions ?? [], page.DeleteMarkers ?? []];
      versions.push(...objects.map((each) => version(each, 'object')));
      versions.push(...markers.map((each) => version(each, 'delete marker')));
      from = page.IsTruncated
        ? {
            ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
            ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
          }
        : undefined;
    }
    return versions.toReversed().toSorted((a, b) => (a.key === b.key ? a.at - b.at : a.key < b.key ? -1 : 1));
  }

  async #page(prefix: string, from: object): Promise<ListObjectVersionsCommandOutput> {
    const command = new ListObjectVersionsCommand({ Bucket: this.#bucket, Prefix: prefix, ...from });
    try {
      return await this.#client.send(command);
    } catch (error) {
      const about = this.#name(`${prefix}*`);
      throw storeFailure(error, { action: 's3:ListBucketVersions', about, access: 'read' });
    }
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }

  #name(key: string): string {
    return `s3://${this.#bucket}/${key}`;
  }
}

function version(
  given: {
    readonly Key?: string | undefined;
    readonly VersionId?: string | undefined;
    readonly LastModified?: Date | undefined;
  },
  kind: Version['kind'],
): Version {
  return {
    key: given.Key ?? '',
    id: given.VersionId ?? 'null',
    kind,
    at: given.LastModified?.getTime() ?? 0,
  };
}

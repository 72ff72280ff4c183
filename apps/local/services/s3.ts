import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { unsupported } from '../dispatch';
import { ServiceError, type Service } from '../service';
import type { DocumentStore } from '../store';

const Version = z.object({
  id: z.string(),
  etag: z.string(),
  size: z.number(),
  modifiedMs: z.number(),
  headers: z.record(z.string(), z.string()),
});
const StoredObject = z.object({ bucket: z.string(), key: z.string(), versions: z.array(Version) });
type Version = z.infer<typeof Version>;
type StoredObject = z.infer<typeof StoredObject>;

const Put = z.object({
  Bucket: z.string(),
  Key: z.string(),
  Body: z.union([z.instanceof(Buffer), z.string()]),
  IfNoneMatch: z.optional(z.string()),
  ContentType: z.optional(z.string()),
  ChecksumCRC32: z.optional(z.string()),
  ChecksumSHA256: z.optional(z.string()),
  ObjectLockMode: z.optional(z.string()),
  ObjectLockRetainUntilDate: z.optional(z.string()),
  Metadata: z.optional(z.record(z.string(), z.string())),
});
const Get = z.object({ Bucket: z.string(), Key: z.string(), VersionId: z.optional(z.string()) });
const List = z.object({
  Bucket: z.string(),
  Prefix: z.prefault(z.string(), ''),
  Delimiter: z.optional(z.string()),
  MaxKeys: z.prefault(z.coerce.number(), 1000),
  ContinuationToken: z.optional(z.string()),
  StartAfter: z.optional(z.string()),
});

/** An object as REST-XML hands it out: headers and bytes. */
export interface ObjectAnswer {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const idOf = (bucket: string, key: string) => createHash('sha256').update(`${bucket}/${key}`).digest('hex');
const given = (headers: Record<string, string | undefined>) =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** S3: versioned objects kept in the data folder; CDK assets are read from the cloud assembly. */
export class S3 implements Service {
  readonly name = 's3';
  readonly #buckets = new Set<string>();
  readonly #objects = new Map<string, StoredObject>();
  readonly #assets = new Map<string, string>();

  constructor(
    private readonly store: DocumentStore,
    private readonly clock: Clock,
  ) {
    for (const object of store.all((value) => StoredObject.parse(value))) {
      this.#objects.set(idOf(object.bucket, object.key), object);
    }
  }

  /** Makes a bucket known; its objects, if any, are in the data folder already. */
  ensureBucket(name: string): void {
    this.#buckets.add(name);
  }

  /** Serves a file of the cloud assembly as an object. */
  addAsset(bucket: string, key: string, file: string): void {
    this.#buckets.add(bucket);
    this.#assets.set(idOf(bucket, key), file);
  }

  async handle(action: string, input: Record<string, unknown>): Promise<unknown> {
    switch (action) {
      case 'PutObject':
        return this.#put(Put.parse(input));
      case 'GetObject':
      case 'HeadObject':
        return this.#get(Get.parse(input));
      case 'ListObjectsV2':
        return this.#list(List.parse(input));
      default:
        throw unsupported(this.name, action);
    }
  }

  #bucket(name: string): string {
    if (this.#buckets.has(name)) return name;
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }

  #put(input: z.infer<typeof Put>): ObjectAnswer {
    const id = idOf(this.#bucket(input.Bucket), input.Key);
    if (input.IfNoneMatch !== undefined && input.IfNoneMatch !== '*') {
      throw new ServiceError(
        'NotImplemented',
        `If-None-Match: got ${input.IfNoneMatch}, S3 takes * on a put`,
        501,
      );
    }
    const object = this.#objects.get(id) ?? { bucket: input.Bucket, key: input.Key, versions: [] };
    if (input.IfNoneMatch === '*' && (object.versions.length > 0 || this.#assets.has(id))) {
      throw new ServiceError(
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
        412,
      );
    }
    const body = Buffer.from(input.Body);
    const version = this.#newVersion(body, input);
    this.store.write(`${id}.${version.id}`, body);
    object.versions.push(version);
    this.#objects.set(id, object);
    this.store.save(id, object);
    return { headers: { etag: version.etag, 'x-amz-version-id': version.id }, body: Buffer.alloc(0) };
  }

  #newVersion(body: Buffer, input: z.infer<typeof Put>): Version {
    const metadata = Object.entries(input.Metadata ?? {}).map(([name, value]) => [
      `x-amz-meta-${name}`,
      value,
    ]);
    return {
      id: randomUUID().replaceAll('-', ''),
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      size: body.length,
      modifiedMs: this.clock.now(),
      headers: given({
        'content-type': input.ContentType ?? 'application/octet-stream',
        'x-amz-checksum-crc32': input.ChecksumCRC32,
        'x-amz-checksum-sha256': input.ChecksumSHA256,
        'x-amz-object-lock-mode': input.ObjectLockMode,
        'x-amz-object-lock-retain-until-date': input.ObjectLockRetainUntilDate,
        ...Object.fromEntries(metadata),
      }),
    };
  }

  #get(input: z.infer<typeof Get>): ObjectAnswer {
    const id = idOf(this.#bucket(input.Bucket), input.Key);
    const asset = this.#assets.get(id);
    if (asset) return { headers: { 'content-type': 'application/octet-stream' }, body: readFileSync(asset) };
    const versions = this.#objects.get(id)?.versions ?? [];
    const version = input.VersionId ? versions.find(({ id }) => id === input.VersionId) : versions.at(-1);
    if (!version) {
      const code = input.VersionId ? 'NoSuchVersion' : 'NoSuchKey';
      throw new ServiceError(code, 'The specified key or version does not exist.', 404);
    }
    const headers = {
      ...version.headers,
      etag: version.etag,
      'last-modified': new Date(version.modifiedMs).toUTCString(),
      'x-amz-version-id': version.id,
    };
    return { headers, body: this.store.read(`${id}.${version.id}`) };
  }

  #list(input: z.infer<typeof List>) {
    if (input.Delimiter) throw unsupported(this.name, 'ListObjectsV2 with Delimiter');
    const bucket = this.#bucket(input.Bucket);
    const after = input.ContinuationToken ?? input.StartAfter ?? '';
    const found = [...this.#objects.values()]
      .filter(
        (object) => object.bucket === bucket && object.key.startsWith(input.Prefix) && object.key > after,
      )
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    const page = found.slice(0, input.MaxKeys);
    const truncated = found.length > page.length;
    return {
      Name: bucket,
      Prefix: input.Prefix,
      KeyCount: page.length,
      MaxKeys: input.MaxKeys,
      IsTruncated: truncated,
      NextContinuationToken: truncated ? page.at(-1)?.key : undefined,
      Contents: page.map((object) => contents(object)),
    };
  }
}

function contents({ key, versions }: StoredObject) {
  const latest = versions.at(-1);
  return {
    Key: key,
    LastModified: new Date(latest?.modifiedMs ?? 0).toISOString(),
    ETag: latest?.etag,
    Size: latest?.size,
    StorageClass: 'STANDARD',
  };
}

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { action, ActionTable, ServiceError } from '../service';
import { Documents } from '../store';
import type { Surroundings } from '../surroundings';

const Headers = z.record(z.string(), z.string());
const Version = z.object({ id: z.string(), size: z.number(), modifiedMs: z.number(), headers: Headers });
const StoredObject = z.object({ bucket: z.string(), key: z.string(), versions: z.array(Version) });
type StoredObject = z.infer<typeof StoredObject>;

const Named = z.object({ Bucket: z.string(), Key: z.string() });
const Put = z.extend(Named, {
  Body: z.instanceof(Buffer),
  IfNoneMatch: z.optional(z.literal('*')),
  /** Headers that GetObject gives back: content type, checksums, object lock, metadata. */
  Headers,
});
const Get = z.extend(Named, { VersionId: z.optional(z.string()) });
const Listed = z.object({
  Bucket: z.string(),
  Prefix: z.prefault(z.string(), ''),
  MaxKeys: z.prefault(z.coerce.number(), 1000),
});
const text = z.optional(z.string());
const List = z.extend(Listed, {
  Delimiter: z.optional(z.never()),
  ContinuationToken: text,
  StartAfter: text,
});
const ListVersions = z.extend(Listed, { KeyMarker: text, VersionIdMarker: text });

/** A file asset: bucket and key by which templates name it, path where it is on disk; packaging `zip` is a folder here. */
export type Asset = Readonly<Record<'bucket' | 'key' | 'path' | 'packaging', string>>;

/** An object as REST-XML hands it out: headers and bytes. */
export type ObjectAnswer = { readonly headers: Record<string, string>; readonly body: Buffer };

const idOf = (bucket: string, key: string) => createHash('sha256').update(`${bucket}/${key}`).digest('hex');

/** S3: versioned objects kept in the data folder; CDK assets are read from the cloud assembly. */
export class S3 extends ActionTable {
  readonly name = 's3';
  protected readonly actions = {
    PutObject: action(Put, (input) => this.#put(input)),
    GetObject: action(Get, (input) => this.#get(input)),
    HeadObject: action(Get, (input) => this.#get(input)),
    ListObjectsV2: action(List, (input) => this.#list(input)),
    ListObjectVersions: action(ListVersions, (input) => this.#listVersions(input)),
  };
  readonly #buckets = new Set<string>();
  readonly #objects: Documents<StoredObject>;
  readonly #assets = new Map<string, Asset>();

  constructor(private readonly around: Surroundings) {
    super();
    this.#objects = new Documents(around.dataDir, 's3', StoredObject, ({ bucket, key }) => idOf(bucket, key));
  }

  /** Makes a bucket known; its objects, if any, are in the data folder already. */
  ensureBucket(name: string): void {
    this.#buckets.add(name);
  }

  /** Makes an asset of the cloud assembly known; a file is served as an object. */
  addAsset(asset: Asset): void {
    this.#buckets.add(asset.bucket);
    this.#assets.set(idOf(asset.bucket, asset.key), asset);
  }

  /** Folder of an asset that is one. @throws Error when there is none of that name */
  assetFolder(bucket: string, key: string): string {
    const asset = this.#assets.get(idOf(bucket, key));
    if (asset?.packaging === 'zip') return asset.path;
    const why = 'gapless local runs code from directories';
    throw new Error(`no directory asset ${bucket}/${key} in the cloud assembly; ${why}`);
  }

  #bucket(name: string): string {
    if (this.#buckets.has(name)) return name;
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }

  #put({ Bucket, Key, Body, IfNoneMatch, Headers }: z.infer<typeof Put>): ObjectAnswer {
    const id = idOf(this.#bucket(Bucket), Key);
    const object = this.#objects.get(id) ?? { bucket: Bucket, key: Key, versions: [] };
    const why = 'At least one of the pre-conditions you specified did not hold';
    if (IfNoneMatch && (object.versions.length > 0 || this.#assets.has(id)))
      throw new ServiceError('PreconditionFailed', why, 412);
    const versionId = randomUUID().replaceAll('-', '');
    const etag = `"${createHash('md5').update(Body).digest('hex')}"`;
    const told = { etag, 'x-amz-version-id': versionId };
    const version = { id: versionId, size: Body.length, modifiedMs: this.around.clock.now() };
    this.#objects.write(`${id}.${versionId}`, Body);
    object.versions.push({ ...version, headers: { ...Headers, ...told } });
    this.#objects.save(object);
    return { headers: told, body: Buffer.alloc(0) };
  }

  #get({ Bucket, Key, VersionId }: z.infer<typeof Get>): ObjectAnswer {
    const id = idOf(this.#bucket(Bucket), Key);
    const asset = this.#assets.get(id);
    if (asset?.packaging === 'file') return { headers: {}, body: readFileSync(asset.path) };
    const versions = this.#objects.get(id)?.versions ?? [];
    const version = VersionId ? versions.find(({ id }) => id === VersionId) : versions.at(-1);
    const code = VersionId ? 'NoSuchVersion' : 'NoSuchKey';
    if (!version) throw new ServiceError(code, 'The specified key or version does not exist.', 404);
    const modified = { 'last-modified': new Date(version.modifiedMs).toUTCString() };
    return { headers: { ...version.headers, ...modified }, body: this.#objects.read(`${id}.${version.id}`) };
  }

  #list({ Bucket, Prefix, MaxKeys, ...from }: z.infer<typeof List>) {
    const name = this.#bucket(Bucket);
    const after = from.ContinuationToken ?? from.StartAfter ?? '';
    const found = this.#under(name, Prefix).filter(({ key }) => key > after);
    const page = found.slice(0, MaxKeys);
    const more = found.length > page.length;
    const paging = { IsTruncated: more, NextContinuationToken: more ? page.at(-1)?.key : undefined };
    const Contents = page.map(contents);
    return { Name: name, Prefix, MaxKeys, KeyCount: page.length, ...paging, Contents };
  }

  /** Objects of a bucket in key order. */
  #under(bucket: string, prefix: string): StoredObject[] {
    return this.#objects
      .all()
      .filter((object) => object.bucket === bucket && object.key.startsWith(prefix))
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  /** Newest version of a key first; deletions do not exist here, so there are no delete markers. */
  #listVersions({ Bucket, Prefix, MaxKeys, ...from }: z.infer<typeof ListVersions>) {
    const Name = this.#bucket(Bucket);
    const all = this.#under(Name, Prefix).flatMap((object) =>
      object.versions.map(versionOf(object)).toReversed(),
    );
    const { KeyMarker = '', VersionIdMarker } = from;
    const last = all.findIndex(({ Key, VersionId }) => Key === KeyMarker && VersionId === VersionIdMarker);
    const after = last < 0 ? all.filter(({ Key }) => Key > KeyMarker) : all.slice(last + 1);
    const page = after.slice(0, MaxKeys);
    const end = after.length > page.length ? page.at(-1) : undefined;
    const next = { NextKeyMarker: end?.Key, NextVersionIdMarker: end?.VersionId };
    return { Name, Prefix, MaxKeys, IsTruncated: end !== undefined, ...next, Version: page };
  }
}

function contents({ key, versions }: StoredObject) {
  const latest = versions.at(-1);
  const LastModified = new Date(latest?.modifiedMs ?? 0).toISOString();
  return { Key: key, LastModified, ETag: latest?.headers['etag'], Size: latest?.size };
}

const versionOf = (object: StoredObject) => (version: z.infer<typeof Version>) => ({
  Key: object.key,
  VersionId: version.id,
  IsLatest: version === object.versions.at(-1),
  LastModified: new Date(version.modifiedMs).toISOString(),
  Size: version.size,
});

import fs from 'node:fs';
import path from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { S3SealedStore } from '../../../adapters/aws/sealed-store';
import type { ObjectVersions } from '../../../core/ports/sealed-store';
import type { Objects } from '../../../core/ledger/verify-source';
import { Exit } from '../exit';
import { bundleFolder } from './bundle-folder';

/** Objects that somebody else keeps: in a bucket, or in a folder. */
export interface ObjectPlace {
  readonly objects: Objects;
  close(): void;
}

/** Beside the objects in a folder: which versions a bucket has, as `aws s3api list-object-versions` writes it. */
const VERSIONS = 'versions.json';

/**
 * Opens `s3://<bucket>` or a folder. In a folder each object is a file of its key; where it has several versions, their
 * files are named `<key>@<version id>`, and `versions.json` says which is the oldest.
 * @throws Exit usage when it is neither
 */
export function openPlace(flag: string, place: string, config: S3ClientConfig): ObjectPlace {
  if (place.startsWith('s3://')) {
    const s3 = new S3Client(config);
    const bucket = place.slice('s3://'.length).replace(/\/$/, '');
    return { objects: new S3SealedStore(s3, bucket), close: () => s3.destroy() };
  }
  if (!fs.statSync(place, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Exit(
      'usage',
      `${flag}: got ${JSON.stringify(place)}, want s3://<bucket> or a folder of its objects. Nothing was verified.`,
    );
  }
  return { objects: folderObjects(flag, place), close: () => undefined };
}

interface Listed {
  readonly key: string;
  readonly id: string;
  readonly kind: 'object' | 'delete marker';
  readonly at: number;
}

const entry = z.object({ Key: z.string(), VersionId: z.string(), LastModified: z.string() });
const listing = z.object({
  Versions: z.prefault(z.array(entry), []),
  DeleteMarkers: z.prefault(z.array(entry), []),
});

function folderObjects(flag: string, root: string): Objects {
  const files = bundleFolder(root);
  const listed = listedIn(flag, root);
  if (!listed) {
    return {
      get: (key) => files.read(key),
      versions: async (prefix) =>
        (await files.list())
          .filter((key) => key.startsWith(prefix))
          .map((key) => ({ key, versions: [{ kind: 'object' }] })),
    };
  }
  return {
    get: async (key) => {
      const oldest = listed.find((each) => each.key === key && each.kind === 'object');
      if (!oldest) return undefined;
      return (
        (await files.read(`${key}@${oldest.id}`)) ?? (await onlyVersion(listed, key, () => files.read(key)))
      );
    },
    versions: async (prefix) => grouped(listed.filter(({ key }) => key.startsWith(prefix))),
  };
}

/** A file without a version in its name is the oldest only where there is no other. */
async function onlyVersion<T>(
  listed: readonly Listed[],
  key: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  const versions = listed.filter((each) => each.key === key && each.kind === 'object');
  return versions.length === 1 ? read() : undefined;
}

/** By key, oldest first. */
function listedIn(flag: string, root: string): readonly Listed[] | undefined {
  const file = path.join(root, VERSIONS);
  if (!fs.existsSync(file)) return undefined;
  const read = listing.safeParse(json(fs.readFileSync(file, 'utf8')));
  if (!read.success) {
    throw new Exit(
      'usage',
      `${flag}: ${file} is not what "aws s3api list-object-versions --output json" writes. Nothing was verified.`,
    );
  }
  const as = (kind: Listed['kind']) => (each: z.infer<typeof entry>) => ({
    key: each.Key,
    id: each.VersionId,
    kind,
    at: Date.parse(each.LastModified),
  });
  // It is listed newest first; a stable sort of the reverse keeps that order among equal times.
  const all = [...read.data.Versions.map(as('object')), ...read.data.DeleteMarkers.map(as('delete marker'))];
  return all.toReversed().toSorted((a, b) => (a.key === b.key ? a.at - b.at : a.key < b.key ? -1 : 1));
}

function grouped(listed: readonly Listed[]): readonly ObjectVersions[] {
  const byKey = new Map<string, { readonly kind: Listed['kind'] }[]>();
  for (const { key, kind } of listed) byKey.set(key, [...(byKey.get(key) ?? []), { kind }]);
  return [...byKey].map(([key, versions]) => ({ key, versions }));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { lineBlocks, linesOf } from './text';
import type { Sealable } from '../evidence/chain';
import * as z from 'zod/mini';
import { bundlePaths, manifestFile, readManifest, type Manifest, type Scope } from './bundle';
import { verifyLedger, type LedgerCheck } from './verify';
import { Broken, broken, type LedgerSource, type Trusted } from './verify-source';

/** A folder of files by relative path, `/` between its parts. */
export interface Files {
  read(path: string): Promise<Uint8Array | undefined>;
  /** Every file in it. */
  list(): Promise<readonly string[]>;
}

/** What the caller brings beside a bundle; the scope it claims holds where the caller names none. */
export type BundleTrust = Omit<Trusted, 'scope'> & { readonly scope: Scope | undefined };

/**
 * Verifies an exported bundle offline. Its manifest says which scope it claims and nothing that is trusted; its
 * countersignatures count when the caller pins a witness.
 */
export async function verifyBundle(files: Files, trusted: BundleTrust): Promise<LedgerCheck> {
  try {
    const manifest = await manifestOf(files);
    const scope = trusted.scope ?? manifest.scope;
    const check = await verifyLedger(bundleSource(files), { ...trusted, scope });
    if (check.state === 'verified') await checkFiles(files, manifest);
    return check;
  } catch (error) {
    if (error instanceof Broken) return { state: 'broken', first: error.first };
    throw error;
  }
}

/** A ledger as a bundle holds it. An empty line is a record outside of the bundle's scope. */
export function bundleSource(files: Files): LedgerSource {
  return {
    get: (key) => files.read(key),
    versions: async (prefix) =>
      (await files.list())
        .filter((path) => path.startsWith(prefix) && isObject(path))
        .map((key) => ({ key, versions: [{ kind: 'object' }] })),
    bodies: async (list) => {
      const path = bundlePaths.records(list.from);
      return bodiesIn(path, (await files.read(path)) ?? NO_BYTES, list.lines.length);
    },
    unsealed: async () => linesOf((await files.read(bundlePaths.unsealed)) ?? NO_BYTES).map(unsealedRecord),
  };
}

const NO_BYTES = new Uint8Array();

function* bodiesIn(path: string, bytes: Uint8Array, leaves: number): Generator<readonly string[]> {
  let lines = 0;
  for (const block of lineBlocks(bytes)) {
    lines += block.length;
    if (lines > leaves) broken(path, `${leaves} lines, one for each leaf`, `${linesOf(bytes).length} lines`);
    yield block;
  }
}

const unsealedLine = z.strictObject({
  chain: z.enum(['RUN', 'PROOF']),
  runId: z.string(),
  seq: z.int(),
  body: z.string(),
  hash: z.string(),
});

function unsealedRecord(line: string): Sealable {
  try {
    return unsealedLine.parse(JSON.parse(line));
  } catch {
    return broken(bundlePaths.unsealed, 'a record on each line', line.slice(0, 100));
  }
}

function isObject(path: string): boolean {
  return ['leaves/', 'tile/', 'checkpoint/', 'witness/'].some((prefix) => path.startsWith(prefix));
}

async function manifestOf(files: Files): Promise<Manifest> {
  const bytes = await files.read(bundlePaths.manifest);
  const manifest = bytes && readManifest(bytes);
  return (
    manifest ?? broken(bundlePaths.manifest, 'a manifest of version 1', bytes ? 'something else' : 'nothing')
  );
}

async function checkFiles(files: Files, manifest: Manifest): Promise<void> {
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  for (const path of await files.list()) {
    if (path !== bundlePaths.manifest && !listed.has(path))
      broken(path, 'a file of the manifest', 'one that is not');
  }
  for (const { path, sha256 } of manifest.files) {
    const bytes = await files.read(path);
    if (bytes === undefined) return broken(path, `the file of SHA-256 ${sha256}`, 'nothing');
    const found = manifestFile(path, bytes).sha256;
    if (found !== sha256) broken(path, `SHA-256 ${sha256}`, `SHA-256 ${found}`);
  }
}

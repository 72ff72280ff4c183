import { bundlePaths, manifestFile, manifestText, type ManifestFile, type Scope } from './bundle';
import { checkpointKey } from './checkpoint';
import { leafListKey, parseLeafLine, type ListText } from './leaf-list';
import { tileKey } from './tile';
import { sizesOf } from './verify-checkpoints';
import { listOf, wantedRuns } from './verify-scope';
import type { LedgerSource, Objects, SealedTo } from './verify-source';
import { tilePlaces } from './verify-tiles';

/** One file of a bundle. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What is exported. */
export interface Export {
  readonly origin: string;
  readonly scope: Scope;
  /** ISO 8601 UTC. */
  readonly madeAt: string;
  readonly witness: Objects | undefined;
}

/**
 * The files of a bundle, the manifest last. Exporting verifies nothing; the bundle is what is verified.
 * @throws Broken when the ledger lacks an object it cannot do without
 */
export async function* bundleFiles(source: LedgerSource, about: Export): AsyncGenerator<BundleFile> {
  const listed: ManifestFile[] = [];
  let size = 0;
  for await (const file of contents(source, about)) {
    listed.push(manifestFile(file.path, file.bytes));
    if (file.path.startsWith('checkpoint/')) size = Number(file.path.slice('checkpoint/'.length));
    yield file;
  }
  const { origin, scope, madeAt } = about;
  const text = manifestText({ origin, scope, size, madeAt, files: listed });
  yield { path: bundlePaths.manifest, bytes: Buffer.from(text) };
}

async function* contents(source: LedgerSource, { scope, witness }: Export): AsyncGenerator<BundleFile> {
  const keys = (await source.versions('checkpoint/')).map(({ key }) => key);
  const sizes = sizesOf(keys, 'checkpoint/');
  const wanted = await wantedRuns(source, sizes, scope);
  const sealed = new Map<string, SealedTo>();
  for (const [at, size] of sizes.entries()) {
    const list = await listOf(source, sizes[at - 1] ?? 0, size);
    yield* objects(source, [leafListKey(list.from), checkpointKey(size)]);
    const bodies = [...(await source.bodies(list, wanted))].flat();
    count(sealed, list);
    if (bodies.some((body) => body !== undefined && body !== '')) {
      const lines = bodies.map((body) => `${body ?? ''}\n`).join('');
      yield { path: bundlePaths.records(list.from), bytes: Buffer.from(lines) };
    }
  }
  yield* objects(source, tilePlaces(sizes.at(-1) ?? 0).map(tileKey));
  if (witness)
    yield* objects(
      witness,
      (await witness.versions('witness/')).map(({ key }) => key),
    );
  const tail = (await source.unsealed(sealed)).filter(({ runId }) => wanted === 'all' || wanted.has(runId));
  const lines = tail.map(({ chain, runId, seq, body, hash }) =>
    JSON.stringify({ chain, runId, seq, body, hash }),
  );
  if (lines.length > 0) yield { path: bundlePaths.unsealed, bytes: Buffer.from(`${lines.join('\n')}\n`) };
}

function count(sealed: Map<string, SealedTo>, list: ListText): void {
  for (const line of list.lines) {
    const leaf = parseLeafLine(line);
    if (!leaf) continue;
    const before = sealed.get(leaf.runId) ?? { run: 0, proof: 0 };
    const name = leaf.chain === 'RUN' ? 'run' : 'proof';
    sealed.set(leaf.runId, { ...before, [name]: leaf.seq + 1 });
  }
}

/** Objects that are there; whoever verifies names what is missing. */
async function* objects(from: Pick<Objects, 'get'>, keys: readonly string[]): AsyncGenerator<BundleFile> {
  for (const path of keys) {
    const bytes = await from.get(path);
    if (bytes !== undefined) yield { path, bytes };
  }
}

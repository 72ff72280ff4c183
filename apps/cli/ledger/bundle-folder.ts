import fs from 'node:fs';
import path from 'node:path';
import type { BundleFile } from '../../../core/ledger/bundle-files';
import type { Files } from '../../../core/ledger/bundle-source';
import { Exit } from '../exit';

/** A bundle on disk. What its manifest names outside of the folder is as if it were not there. */
export function bundleFolder(root: string): Files {
  return {
    read: async (name) => {
      const file = path.resolve(root, name);
      if (!file.startsWith(path.resolve(root) + path.sep)) return undefined;
      return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? fs.readFileSync(file) : undefined;
    },
    list: async () =>
      fs
        .readdirSync(root, { withFileTypes: true, recursive: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
        .map((name) => name.split(path.sep).join('/'))
        .toSorted(),
  };
}

/** @throws Exit usage when there is no such folder */
export function existingBundle(root: string): Files {
  if (fs.statSync(root, { throwIfNoEntry: false })?.isDirectory()) return bundleFolder(root);
  throw new Exit(
    'usage',
    `--bundle: got ${JSON.stringify(root)}, want the folder of a bundle. Nothing was verified. Make one: npx gapless evidence export --format bundle --out <folder>`,
  );
}

/**
 * Writes a bundle into a folder that is not there yet. Under its own name only once it is whole.
 * @returns how many files it has
 * @throws Exit usage when the folder is there
 */
export async function writeBundle(root: string, files: AsyncIterable<BundleFile>): Promise<number> {
  if (fs.existsSync(root)) {
    throw new Exit(
      'usage',
      `--out: got ${JSON.stringify(root)}, which exists; want a folder that does not. Nothing was written.`,
    );
  }
  const partial = `${root}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  let count = 0;
  try {
    for await (const { path: name, bytes } of files) {
      const file = path.join(partial, ...name.split('/'));
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, bytes);
      count += 1;
    }
    fs.renameSync(partial, root);
    return count;
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
}

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';

/** One function's code: a folder with `index.js`, and the hash that evidence names. */
export interface Bundle {
  readonly dir: string;
  /** SHA-256 of index.js, hex. */
  readonly sha256: string;
}

/** A function to bundle: the name of its folder, and the file that exports its handler. */
export interface Entry {
  readonly name: string;
  readonly file: string;
}

/**
 * How code becomes a bundle. No option takes a time, and minified code names no path, so that where and when it is built
 * leaves no trace in the bytes.
 */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  logLevel: 'error',
} as const satisfies BuildOptions;

const ownCheckout = path.join(__dirname, '..');

/**
 * The same for our functions: the chain of credential providers that SDK clients bring along stays out, see
 * lambdas/runtime/credentials.ts.
 * @param checkout root of the sources that are bundled
 */
export function bundlingFunctions(checkout = ownCheckout) {
  const credentials = path.join(checkout, 'lambdas', 'runtime', 'credentials.ts');
  return {
    ...bundling,
    alias: { '@aws-sdk/credential-provider-node': credentials },
  } as const satisfies BuildOptions;
}

/**
 * Bundles function entries, everything included, so that the deployed SDK is the tested one. The same sources give the
 * same bytes.
 */
export function bundle(
  entries: readonly Entry[],
  buildDir: string,
  checkout = ownCheckout,
): ReadonlyMap<string, Bundle> {
  fs.rmSync(buildDir, { recursive: true, force: true });
  buildSync({
    entryPoints: entries.map(({ name, file }) => ({ in: file, out: `${name}/index` })),
    outdir: buildDir,
    ...bundlingFunctions(checkout),
  });
  return new Map(entries.map(({ name }) => [name, bundled(path.join(buildDir, name))]));
}

function bundled(dir: string): Bundle {
  const code = fs.readFileSync(path.join(dir, 'index.js'));
  return { dir, sha256: createHash('sha256').update(code).digest('hex') };
}

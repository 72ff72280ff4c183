import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import * as z from 'zod/mini';
import { descriptors } from '../../connectors/descriptors.generated';
import { bundle, bundlingFunctions, type Entry } from '../../lib/bundles';
import { scopedSbom } from '../../lib/sbom';
import { sharedAssembly } from '../support/assembly';
import { deployedFunctions } from '../support/deployed-functions';

const root = path.join(__dirname, '..', '..');
const work = mkdtempSync(path.join(tmpdir(), 'gapless-supply-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const manifest = z
  .object({ name: z.string(), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));

function entriesIn(checkout: string): readonly Entry[] {
  const folder = path.join(checkout, 'lambdas', 'functions');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      name: file.replace(/\.ts$/, '').replaceAll(/[/.]/g, '-'),
      file: path.join(folder, file),
    }));
}

let held: ReadonlyMap<string, readonly string[]> | undefined;

/** The files with code in each bundle, by its name. */
function filesOfBundles(): ReadonlyMap<string, readonly string[]> {
  return (held ??= bundledFiles());
}

function bundledFiles(): ReadonlyMap<string, readonly string[]> {
  const { metafile } = buildSync({
    ...bundlingFunctions(),
    entryPoints: entriesIn(root).map(({ name, file }) => ({ in: file, out: name })),
    outdir: path.join(work, 'unwritten'),
    absWorkingDir: root,
    write: false,
    metafile: true,
  });
  return new Map(
    Object.entries(metafile.outputs).map(([output, { inputs }]) => [
      path.basename(output, '.js'),
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ]),
  );
}

/** Name and version of every package with code in a bundle. */
function bundledPackages(): readonly string[] {
  const files = [...filesOfBundles().values()].flat();
  const folders = files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const about = z.object({ name: z.string(), version: z.string() });
  return [...new Set(folders)].map((folder) => {
    const { name, version } = about.parse(
      JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')),
    );
    return `${name}@${version}`;
  });
}

it('has at most ten direct dependencies at run time, each pinned to one version', () => {
  const versions = Object.values(manifest.dependencies);
  expect(versions.length).toBeLessThanOrEqual(10);
  for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

it('lists every package whose code is deployed in its SBOM, as part of the product', () => {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const text = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 });
  const { components } = scopedSbom(text, manifest);
  const required = components.filter(({ scope }) => scope === 'required').map((each) => each['bom-ref']);
  const deployed = bundledPackages();
  expect(deployed).toContain(`pg@${manifest.dependencies['pg']}`);
  expect(deployed.filter((each) => !required.includes(each))).toEqual([]);
  expect(required.filter((each) => /^(jest|esbuild|aws-cdk-lib)@/.test(each))).toEqual([]);
}, 120_000);

describe('the bundles', () => {
  it('have the same bytes when they are built in another folder, from a copy of the sources', () => {
    const checkout = path.join(work, 'some', 'other', 'checkout');
    for (const folder of [
      'lambdas',
      'core',
      'connectors',
      'adapters',
      'net',
      'package.json',
      'tsconfig.json',
    ])
      cpSync(path.join(root, folder), path.join(checkout, folder), { recursive: true });
    symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
    const here = bundle(entriesIn(root), path.join(work, 'a'));
    const there = bundle(entriesIn(checkout), path.join(work, 'another', 'b'), checkout);
    expect(here.size).toBeGreaterThan(15);
    for (const [name, { dir }] of here) {
      const [mine, theirs] = [dir, there.get(name)?.dir ?? ''].map((at) =>
        readFileSync(path.join(at, 'index.js')),
      );
      expect(theirs?.equals(mine ?? Buffer.alloc(0))).toBe(true);
    }
  }, 120_000);

  it('of a kind hold one half of it each, and nothing of another kind', () => {
    const files = filesOfBundles();
    const halves = [...files].filter(([name]) => /-(mutator|prober)$/.test(name));
    expect(halves.length).toBe(2 * descriptors.length);
    for (const [name, held] of halves) {
      const [, kind = '', half = ''] = /^generated-(.+)-(mutator|prober)$/.exec(name) ?? [];
      const other = half === 'mutator' ? 'prober' : 'mutator';
      const ofKinds = held.filter((file) => file.startsWith('connectors/'));
      expect(ofKinds).toContain(`connectors/${kind}/${half}.ts`);
      expect(ofKinds).not.toContain(`connectors/${kind}/${other}.ts`);
      expect(ofKinds.filter((file) => !file.startsWith(`connectors/${kind}/`))).toEqual([]);
    }
  }, 120_000);

  it('find the keys of their role in the environment and have no code that looks for them anywhere else', () => {
    const others = /credential-provider-(node|ini|sso|process|web-identity|http|login|imds)\//;
    for (const [name, held] of filesOfBundles()) {
      expect([name, ...held.filter((file) => others.test(file))]).toEqual([name]);
      expect(held).toContain('lambdas/runtime/credentials.ts');
    }
  }, 120_000);

  it('are deployed as what their functions write into evidence: the hash is that of the whole asset', async () => {
    const functions = deployedFunctions(await sharedAssembly());
    expect(functions.length).toBeGreaterThan(15);
    for (const { files, code, environment } of functions) {
      expect(files).toEqual(['index.js']);
      expect(environment['BUNDLE_SHA256']).toBe(createHash('sha256').update(code).digest('hex'));
    }
  }, 120_000);
});

import fs from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { controlDocs } from './controls';
import { emulatedCloudDoc } from './emulated-cloud';
import { connectorKinds } from './kinds';
import { policyJsonSchema } from './policy-schema';
import { recordCheck } from './record-check';
import { securityPage } from './security';
import { descriptorRegistry, ENTRIES, functionEntries, type Generated } from './sources';
import { docTables } from './tables';

/** A file that is not as generating would leave it. */
export interface Stale {
  readonly file: string;
  readonly state: 'missing' | 'different' | 'left over';
}

/**
 * Compares the generated files of a checkout with what its connectors, steps and schemas give, and with `write` brings
 * them up to date.
 * @returns the files that were not up to date
 */
export async function generate(root: string, mode: 'write' | 'check'): Promise<readonly Stale[]> {
  const wanted = await formatted(root, await generatedFiles(root));
  const stale = [...wanted.flatMap((each) => staleness(root, each)), ...leftOver(root, wanted)];
  if (mode === 'write') for (const { file } of stale) update(root, file, wanted);
  return stale;
}

async function generatedFiles(root: string): Promise<readonly Generated[]> {
  const descriptors = await connectorKinds(root);
  const kinds = descriptors.map(({ kind }) => kind);
  return [
    descriptorRegistry(kinds),
    ...kinds.flatMap((kind) => functionEntries(kind)),
    policyJsonSchema(descriptors),
    recordCheck(),
    ...docTables(descriptors),
    ...controlDocs(),
    emulatedCloudDoc(root),
    securityPage(),
  ];
}

// As the repository's formatter writes it, so that formatting changes nothing that was generated.
async function formatted(root: string, files: readonly Generated[]): Promise<readonly Generated[]> {
  return Promise.all(
    files.map(async ({ file, text }) => {
      const filepath = path.join(root, file);
      return { file, text: await format(text, { ...(await resolveConfig(filepath)), filepath }) };
    }),
  );
}

function staleness(root: string, { file, text }: Generated): readonly Stale[] {
  const at = path.join(root, file);
  if (!fs.existsSync(at)) return [{ file, state: 'missing' }];
  return fs.readFileSync(at, 'utf8') === text ? [] : [{ file, state: 'different' }];
}

function leftOver(root: string, wanted: readonly Generated[]): readonly Stale[] {
  const folder = path.join(root, ENTRIES);
  const found = fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => `${ENTRIES}/${name}`) : [];
  return found
    .filter((file) => !wanted.some((each) => each.file === file))
    .map((file) => ({ file, state: 'left over' }));
}

function update(root: string, file: string, wanted: readonly Generated[]): void {
  const at = path.join(root, file);
  const text = wanted.find((each) => each.file === file)?.text;
  if (text === undefined) return fs.rmSync(at);
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, text);
}

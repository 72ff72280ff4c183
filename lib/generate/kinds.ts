import fs from 'node:fs';
import path from 'node:path';
import type { Descriptor } from '../../core/connector';

/**
 * The descriptors of `connectors/`: every folder with a `descriptor.ts`, in order of name. Folders that begin with `_`
 * are templates.
 * @throws Error when a descriptor's kind is not the name of its folder
 */
export async function connectorKinds(root: string): Promise<readonly Descriptor[]> {
  const folder = path.join(root, 'connectors');
  const names = fs
    .readdirSync(folder)
    .filter((name) => !name.startsWith('_') && fs.existsSync(path.join(folder, name, 'descriptor.ts')));
  return Promise.all(names.toSorted().map((name) => descriptorOf(folder, name)));
}

async function descriptorOf(folder: string, name: string): Promise<Descriptor> {
  const file = path.join(folder, name, 'descriptor');
  const { descriptor }: { descriptor?: Descriptor } = await import(file);
  if (descriptor?.kind === name) return descriptor;
  const found =
    descriptor === undefined
      ? 'does not export `descriptor`'
      : `has the kind ${JSON.stringify(descriptor.kind)}`;
  throw new Error(
    `connectors/${name}/descriptor.ts ${found}; want ${JSON.stringify(name)}, the name of its folder. No file was written.`,
  );
}

import fs from 'node:fs';
import path from 'node:path';
import type { Fixture } from './fixture';

/**
 * The fixtures of `connectors/`, in order of kind; folders that begin with `_` are templates.
 * @throws Error naming the file that is missing, or that does not export what it should
 */
export async function fixtures(root: string, only?: string): Promise<readonly Fixture[]> {
  const folder = path.join(root, 'connectors');
  const kinds = fs
    .readdirSync(folder)
    .filter((name) => !name.startsWith('_') && fs.existsSync(path.join(folder, name, 'descriptor.ts')))
    .filter((name) => only === undefined || name === only);
  if (kinds.length === 0)
    throw new Error(`There is no connector ${only ?? 'at all'} in ${folder}. Nothing was run.`);
  return Promise.all(kinds.toSorted().map(async (kind) => fixtureOf(folder, kind)));
}

async function fixtureOf(folder: string, kind: string): Promise<Fixture> {
  const file = path.join(folder, kind, 'kit', 'fixture');
  if (!fs.existsSync(`${file}.ts`))
    throw new Error(
      `connectors/${kind}/kit/fixture.ts is missing: without it nothing shows that ${kind} works.`,
    );
  const { fixture }: { fixture?: Fixture } = await import(file);
  if (fixture?.connector.descriptor.kind === kind) return fixture;
  throw new Error(`connectors/${kind}/kit/fixture.ts does not export a fixture of kind ${kind}.`);
}

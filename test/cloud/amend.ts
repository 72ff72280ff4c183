import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { stackNames } from '../../lib/app';
import { emulatorDifferences } from '../../lib/generate/emulated-cloud';

const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Properties: z.optional(z.record(z.string(), z.unknown())) }),
  ),
});

/** Properties that name a resource. */
const NAMES = ['AlarmName', 'FunctionName', 'StateMachineName', 'Name'] as const;

/**
 * Takes the resources that the emulator is known to lack out of the templates of an assembly, and nothing else.
 * @throws Error when one of them is not there: then test/cloud/lacks.yaml is out of date
 */
export async function amended(assembly: string): Promise<void> {
  const differences = emulatorDifferences(path.join(__dirname, '..', '..'));
  const left = new Set(differences.flatMap(({ so }) => ('leaveOut' in so ? so.leaveOut : [])));
  for (const stack of Object.values(stackNames)) {
    const file = path.join(assembly, `${stack}.template.json`);
    const parsed = template.parse(JSON.parse(await readFile(file, 'utf8')));
    const kept = Object.entries(parsed.Resources).filter(([, { Properties = {} }]) => {
      const name = NAMES.map((property) => Properties[property]).find((value) => typeof value === 'string');
      return typeof name !== 'string' || !left.delete(name);
    });
    await writeFile(file, JSON.stringify({ ...parsed, Resources: Object.fromEntries(kept) }));
  }
  if (left.size === 0) return;
  const names = [...left].join(', ');
  throw new Error(`test/cloud/lacks.yaml names what no template has: ${names}. Nothing was deployed.`);
}

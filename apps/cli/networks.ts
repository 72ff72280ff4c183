import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';

const cdkFile = z.object({
  context: z.optional(z.object({ networks: z.optional(z.record(z.string(), z.object({}))) })),
});

/** The networks that cdk.json of a folder names; without one there is only `default`, as in the app itself. */
export function networksOf(folder: string): Readonly<Record<string, object>> {
  const file = path.join(folder, 'cdk.json');
  if (!fs.existsSync(file)) return { default: {} };
  const parsed = cdkFile.safeParse(JSON.parse(fs.readFileSync(file, 'utf8')));
  return parsed.data?.context?.networks ?? { default: {} };
}

import * as z from 'zod/mini';
import { officialControl, frameworkName, type Control } from './frameworks';
import data from './aliases.json';

const aliasRow = z.object({
  framework: frameworkName,
  citedAs: z.string(),
  reading: z.string(),
  controls: z.array(z.object({ framework: frameworkName, controlId: z.string() })),
  why: z.string(),
});

/** An identifier as older documents cite it, what they mean by it, and the official controls that say so. */
export type Alias = Omit<z.infer<typeof aliasRow>, 'controls'> & { readonly controls: readonly Control[] };

/**
 * Every alias.
 * @throws Error at load when one leads to an identifier that its framework does not have
 */
export const aliases: readonly Alias[] = data.aliases
  .map((row) => aliasRow.parse(row))
  .map((row) => ({ ...row, controls: row.controls.map(official) }));

function official({ framework, controlId }: Pick<Control, 'framework' | 'controlId'>): Control {
  const control = officialControl(framework, controlId);
  if (control) return control;
  throw new Error(
    `core/controls/aliases.json: got ${framework} ${controlId}, want an identifier of core/controls/official. Nothing was exported.`,
  );
}

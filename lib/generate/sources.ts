import { timeoutSeconds } from '../../lambdas/steps/contracts';

const BY = '// Written by `npm run generate` from connectors/*/descriptor.ts.';

/** A generated file: its path from the root of the repository, and its text before formatting. */
export interface Generated {
  readonly file: string;
  readonly text: string;
}

/** Where the generated function entries lie. */
export const ENTRIES = 'lambdas/functions/generated';

/** The registry of descriptors: plain data, safe at synth. */
export function descriptorRegistry(kinds: readonly string[]): Generated {
  const imports = kinds.map((kind, at) => `import { descriptor as kind${at} } from './${kind}/descriptor';`);
  const list = kinds.map((_, at) => `kind${at}`).join(', ');
  const text = [
    BY,
    `import type { Descriptor } from '../core/connector';`,
    ...imports,
    '',
    `/** Every connector's descriptor, by kind. */`,
    `export const descriptors: readonly Descriptor[] = [${list}];`,
    '',
  ].join('\n');
  return { file: 'connectors/descriptors.generated.ts', text };
}

/** The two Lambda entries of a kind; a bundle holds one half of one connector and nothing of another's. */
export function functionEntries(kind: string): readonly Generated[] {
  return (['mutator', 'prober'] as const).map((role) => {
    const serve = `serve${role[0]?.toUpperCase()}${role.slice(1)}`;
    const text = [
      BY,
      `import { ${role} } from '../../../connectors/${kind}/${role}';`,
      `import { ${serve} } from '../../runtime/serve-${role}';`,
      '',
      `/** The ${role} of ${kind}, at most ${timeoutSeconds[role]} seconds an invocation. */`,
      `export const handler = ${serve}(${role});`,
      '',
    ].join('\n');
    return { file: `${ENTRIES}/${kind}.${role}.ts`, text };
  });
}

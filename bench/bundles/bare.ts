import path from 'node:path';
import { buildSync } from 'esbuild';
import { bundling } from '../../lib/bundles';
import type { Declared } from './declared';
import { smallestSchemas } from './smallest-schemas';

const root = path.join(__dirname, '..', '..');

/**
 * Builds the bare bundle: what stays of a function without any code of its own. It imports the same names of the same
 * packages and makes one of each when the functions do: the smallest schema of each kind when it is loaded, each client at
 * its first call. Then it sends the one command it is told to.
 */
export function buildBare(declared: readonly Declared[], outfile: string): void {
  buildSync({
    ...bundling,
    stdin: { contents: bareEntry(declared), resolveDir: root, sourcefile: 'bare.js' },
    outfile,
  });
}

// Enough for a request of any of the commands to be written; the answer is an error anyway.
const INPUT = {
  Bucket: 'bare',
  Key: 'bare',
  TableName: 'bare',
  KeyId: 'bare',
  SecretId: 'bare',
  KeyConditionExpression: 'pk = :pk',
  TransactItems: [],
  RequestItems: {},
};

/** The source of a bare bundle's entry. */
export function bareEntry(declared: readonly Declared[]): string {
  const lines = declared.map(({ from, names, ofDefault }, at) => {
    const named = names.map((name) => `${name} as ${local(at, name)}`).join(', ');
    const whole = ofDefault.length > 0 ? `default${at}, ` : '';
    return `import ${whole}{ ${named} } from '${from}';`;
  });
  const used = declared.flatMap(({ names, ofDefault }, at) => [
    ...names.map((name) => ({ name, value: local(at, name), at })),
    ...ofDefault.map((name) => ({ name, value: `default${at}.${name}`, at })),
  ]);
  const clients = used.filter(({ name }) => name.endsWith('Client'));
  const commands = used.filter(({ name }) => name.endsWith('Command'));
  return [
    ...lines,
    `export const declared = [${used.map(({ value }) => value).join(', ')}];`,
    `export const schemas = [${declared.flatMap(schemasOf).join(', ')}];`,
    `const commands = { ${commands.map(({ name, value, at }) => `${name}: [${value}, ${at}]`).join(', ')} };`,
    'let clients;',
    'export async function handler({ operation }) {',
    `  clients ??= { ${clients.map(({ value, at }) => `${at}: new ${value}({ cacheMiddleware: true })`).join(', ')} };`,
    '  const [Command, at] = commands[`${operation}Command`];',
    `  return clients[at].send(new Command(${JSON.stringify(INPUT)}));`,
    '}',
  ].join('\n');
}

function schemasOf({ from, names }: Declared, at: number): readonly string[] {
  return from === 'zod/mini' ? smallestSchemas(names, (name) => local(at, name)) : [];
}

function local(at: number, name: string): string {
  return `from${at}_${name}`;
}

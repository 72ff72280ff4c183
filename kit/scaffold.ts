import fs from 'node:fs';
import path from 'node:path';

const TEMPLATE = '_template';

/**
 * Makes the folder of a new connector from the template: it compiles, and the kit says what is left to write.
 * @returns the files written
 * @throws Error when the name is no kind, or the folder exists; nothing is written then
 */
export function scaffold(root: string, kind: string): readonly string[] {
  if (!/^[a-z][a-z0-9-]{2,40}$/.test(kind))
    throw new Error(
      `A kind is 3 to 41 small letters, digits and hyphens, such as http-api-key; got ${JSON.stringify(kind)}. Nothing was written.`,
    );
  const folder = path.join(root, 'connectors', kind);
  if (fs.existsSync(folder)) throw new Error(`${folder} exists already. Nothing was written.`);
  const template = path.join(root, 'connectors', TEMPLATE);
  const files = fs
    .readdirSync(template, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.statSync(path.join(template, name)).isFile());
  return files.toSorted().map((name) => {
    const text = fs.readFileSync(path.join(template, name), 'utf8');
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text.replaceAll(`\\${TEMPLATE}`, kind).replaceAll(TEMPLATE, kind));
    return path.join('connectors', kind, name);
  });
}

/** `npm run new-connector <kind>`. Answers the exit code. */
export function newConnector(root: string, args: readonly string[], print: (text: string) => void): number {
  const [kind, ...more] = args;
  if (kind === undefined || more.length > 0) {
    print('usage: npm run new-connector <kind>');
    return 2;
  }
  try {
    for (const file of scaffold(root, kind)) print(`written: ${file}`);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    return 1;
  }
  print(
    `Next: npm run generate, then npm run kit -- ${kind} says what is left. docs/adding-a-connector.md explains.`,
  );
  return 0;
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Mutant } from './mutant';

/** The root of the checkout. */
export const root = path.join(__dirname, '..', '..');

/** Why a mutant is stale: the text it changes, or the test that is to notice, is no more. Undefined when it is not. */
export function staleness({ file, replace, caughtBy }: Mutant): string | undefined {
  const times = readFileSync(path.join(root, file), 'utf8').split(replace).length - 1;
  if (times !== 1) return `its text stands ${times} times in ${file}, and has to stand there once`;
  const tests = readFileSync(path.join(root, caughtBy.file), 'utf8');
  return nameIn(tests, caughtBy.test)
    ? undefined
    : `${caughtBy.file} has no test named ${JSON.stringify(caughtBy.test)}`;
}

/** A name may be composed: a title of `it.each` has `%s` where a row has its value. */
function nameIn(text: string, name: string): boolean {
  if (text.includes(name)) return true;
  const titles = [...text.matchAll(/'([^'\n]*%s[^'\n]*)'/g)].map(([, title = '']) => title);
  return titles.some((title) => {
    const [before = '', after = ''] = title.split('%s');
    return name.startsWith(before) && before !== '' && (after === '' || name.length > before.length);
  });
}

/** The file's text with the change in it. */
export function mutated({ file, replace, by }: Mutant): string {
  return readFileSync(path.join(root, file), 'utf8').replace(replace, () => by);
}

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually';

const MADE_WITHIN_MS = 120_000;

/**
 * Makes something once for all test files of a jest run: whoever asks first makes it, the others wait. The folder that
 * holds it comes from the global setup; a kept folder in GAPLESS_TEST_ASSEMBLY is used as it is.
 * @returns the folder that `make` was given to fill
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const shared = (process.env['GAPLESS_TEST_ASSEMBLY'] ??= ownFolder());
  const folder = path.join(shared, name);
  const [claim, done] = [`${folder}-claim`, `${folder}-done`];
  if (existsSync(done)) return folder;
  if (claimed(claim)) {
    mkdirSync(folder, { recursive: true });
    await make(folder);
    mkdirSync(done);
    return folder;
  }
  await eventually(
    () => existsSync(done),
    (there) => there,
    MADE_WITHIN_MS,
  );
  return folder;
}

/** A folder for one run, which the account of a server that a test starts may look into. */
export function folderOfRun(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gapless-shared-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Outside jest, such as in a bench, nobody set a folder. */
function ownFolder(): string {
  const folder = folderOfRun();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function claimed(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

import fs from 'node:fs';
import path from 'node:path';
import { alive } from './alive';
import { Exit } from './exit';

/**
 * Takes a project folder for the engine of this process: a second one would write to the same data.
 * @returns gives the folder back
 * @throws Exit usage while a process that lives has it
 */
export function takeFolder(folder: string): () => void {
  const file = path.join(folder, '.gapless', 'engine.pid');
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const owner = ownerIn(file);
  if (owner !== undefined && owner !== process.pid && alive(owner)) {
    throw new Exit(
      'usage',
      `An engine runs in ${folder} already (process ${owner}). Nothing was started. Use it, or end it with Ctrl-C first.`,
    );
  }
  // What is there was left by a process that was killed.
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
  return () => fs.rmSync(file, { force: true });
}

function ownerIn(file: string): number | undefined {
  const pid = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : Number.NaN;
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

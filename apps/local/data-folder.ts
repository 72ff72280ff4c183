import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'engine.pid';

/** Whether a process runs; one of another user counts as running. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Claims a data folder for this process, because two engines on one folder would destroy each other's tables. A claim
 * left behind by a process that no longer runs is taken over.
 * @returns a function that gives the folder back
 * @throws Error naming the process that has the folder, or that its tables are of an earlier version; nothing was changed
 */
export function claimDataFolder(dataDir: string): () => void {
  const old = `The data folder ${dataDir} keeps its tables as an earlier version did, in dynamodb/. Nothing was changed; give another folder, or move this one away.`;
  if (existsSync(join(dataDir, 'dynamodb'))) throw new Error(old);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, FILE);
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  const taken = `The data folder ${dataDir} is in use by the engine of process ${holder}. Nothing was changed.`;
  const next = `Stop that engine or give another folder; if process ${holder} is no engine, delete ${file}.`;
  if (holder !== undefined && runs(holder)) throw new Error(`${taken} ${next}`);
  writeFileSync(file, String(process.pid), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

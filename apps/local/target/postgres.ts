import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePorts } from './free-ports';
import { type Account, type Native, nativePostgres, reachableBy } from './postgres-native';

export interface PostgresOptions {
  /** Where the cluster, its superuser's password and nothing else are kept; made when absent, reused when not. */
  readonly dataDir: string;
  /** A free port when absent. */
  readonly port?: number;
  /** Receives the server's log, piece by piece. */
  readonly log?: (text: string) => void;
  /** More arguments for `postgres`, such as `['-c', 'log_statement=all']`. */
  readonly flags?: readonly string[];
}

export interface RunningPostgres {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly user: string; readonly password: string };
  /** Where the data really is: another place than asked for when the server's account cannot reach that one. */
  readonly dataDir: string;
  readonly pid: number;
  /** Everything the server logged since it was started. */
  logText(): string;
  /** Ends the server and all its sessions. Safe to call twice. */
  stop(): Promise<void>;
}

/** Flags for a server whose data nobody misses after a crash: no fsync, no synchronous commit. */
export const disposable = [
  '-c',
  'fsync=off',
  '-c',
  'synchronous_commit=off',
  '-c',
  'full_page_writes=off',
] as const;

const host = '127.0.0.1';
const user = 'postgres';
const attempts = 5;

/** Makes the cluster that {@link startPostgres} would make on its first start there, and starts nothing. @returns where it is */
export async function makeCluster(dataDir: string): Promise<string> {
  const native = await nativePostgres();
  const folder = await usableFolder(dataDir, native.account);
  await cluster(native, folder);
  return folder;
}

/**
 * Starts a real PostgreSQL on loopback with SCRAM-SHA-256 for everyone. Its processes end with this process, whatever
 * way that ends. Errors carry the server's own last log lines.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const native = await nativePostgres();
  const dataDir = await usableFolder(options.dataDir, native.account);
  const password = await cluster(native, dataDir);
  for (let attempt = 1; ; attempt += 1) {
    const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
    const server = launch(native, path.join(dataDir, 'cluster'), port, options);
    const failure = await server.ready;
    if (failure === undefined) {
      const { pid, logText, stop } = server;
      return { host, port, superuser: { user, password }, dataDir, pid, logText, stop };
    }
    // Somebody took the free port first, or a predecessor that lost its parent is still closing down.
    const passing = /Address already in use|lock file "postmaster.pid" already exists/.test(failure);
    if (!passing || attempt === attempts)
      throw new Error(`PostgreSQL did not start on ${host}:${port}: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
  }
}

/** `wanted`, or a folder of the same name in the temporary folder when the server's account cannot reach that. */
async function usableFolder(wanted: string, account: Account | undefined): Promise<string> {
  const asked = path.resolve(wanted);
  await fs.mkdir(asked, { recursive: true });
  if (account) await fs.chmod(asked, 0o755);
  if (await reachableBy(asked, account)) return asked;
  const elsewhere = folderElsewhere(asked);
  await fs.mkdir(elsewhere, { recursive: true, mode: 0o755 });
  const { uid, mode } = await fs.lstat(elsewhere);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new Error(
      `${elsewhere} belongs to somebody else; keep the data where the postgres user can reach it, not in ${asked}`,
    );
  }
  return elsewhere;
}

function folderElsewhere(asked: string): string {
  const name = createHash('sha256').update(asked).digest('hex').slice(0, 16);
  return path.join(os.tmpdir(), `gapless-data-${process.getuid?.() ?? 0}-${name}`);
}

/** Removes what a server kept for this folder, wherever that is. The server must have ended. */
export async function removeData(dataDir: string): Promise<void> {
  const asked = path.resolve(dataDir);
  for (const folder of [asked, folderElsewhere(asked)]) await fs.rm(folder, { recursive: true, force: true });
}

/** Makes the cluster on the first start; answers with the superuser's password, which only this folder knows. */
async function cluster(native: Native, dataDir: string): Promise<string> {
  const secret = path.join(dataDir, 'superuser');
  const data = path.join(dataDir, 'cluster');
  const known = await fs.readFile(secret, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const password = randomBytes(24).toString('base64url');
  await fs.rm(data, { recursive: true, force: true });
  await fs.mkdir(data, { mode: 0o700 });
  const handover = path.join(data, '..', `handover-${process.pid}`);
  await fs.writeFile(handover, password, { mode: 0o600 });
  if (native.account) {
    await fs.chown(data, native.account.uid, native.account.gid);
    await fs.chown(handover, native.account.uid, native.account.gid);
  }
  try {
    await initdb(native, data, handover);
    // Written last: its presence says that the cluster is whole.
    await fs.writeFile(secret, `${password}\n`, { mode: 0o600 });
  } finally {
    await fs.rm(handover, { force: true });
  }
  return password;
}

async function initdb(native: Native, data: string, passwordFile: string): Promise<void> {
  const flags = ['--auth=scram-sha-256', `--username=${user}`, `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [`--pgdata=${data}`, ...flags, ...locale, '--no-sync', '--no-instructions'];
  const child = spawn(native.initdb, args, {
    ...native.account,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`initdb ended with ${String(code)}: ${said.trim()}`);
}

interface Launched extends Pick<RunningPostgres, 'pid' | 'logText' | 'stop'> {
  /** Undefined once connections are served; else the last lines of the log. */
  readonly ready: Promise<string | undefined>;
}

function launch(native: Native, data: string, port: number, options: PostgresOptions): Launched {
  const settings = {
    listen_addresses: host,
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A group of its own: Ctrl-C on the terminal is for the parent, which then stops the server in its own order.
  const child = spawn(native.postgres, ['-D', data, '-p', String(port), ...args, ...(options.flags ?? [])], {
    ...native.account,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const pieces: string[] = [];
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => resolve()).once('error', () => resolve()),
  );
  const ready = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(pieces.join('').trim().split('\n').slice(-5).join('\n')));
    child.stderr.on('data', (piece: Buffer) => {
      const text = piece.toString();
      pieces.push(text);
      options.log?.(text);
      if (text.includes('database system is ready to accept connections')) resolve(undefined);
    });
  });
  const watcher = endWithParent(child);
  void ended.then(() => watcher.kill());
  void ready.then(() => letGo(child, watcher));
  return { pid: child.pid ?? 0, ready, logText: () => pieces.join(''), stop: () => stop(child, ended) };
}

/** Fast shutdown, and the immediate one when that is not over in five seconds. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGINT');
  const patience = setTimeout(() => child.kill('SIGQUIT'), 5_000);
  await ended;
  clearTimeout(patience);
}

/** A child whose standard input ends when we do, even by SIGKILL, and which then ends the server. */
function endWithParent(server: ChildProcess): ChildProcess {
  const script = `process.stdin.resume().on('end', () => { try { process.kill(${server.pid ?? 0}, 'SIGQUIT'); } catch {} })`;
  const watcher = spawn(process.execPath, ['-e', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
  });
  watcher.stdin?.on('error', () => undefined);
  return watcher;
}

/** From here on neither of the two keeps this process from ending. */
function letGo(server: ChildProcess, watcher: ChildProcess): void {
  for (const handle of [server, server.stderr, watcher, watcher.stdin]) {
    if (handle && 'unref' in handle && typeof handle.unref === 'function') handle.unref();
  }
}

/** Nothing of ours: PG* variables, proxies and credentials in our environment are no business of the server's. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    LC_ALL: 'C',
    TZ: 'UTC',
  };
}

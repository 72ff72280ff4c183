import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../support/loopback';
import { selfSigned } from '../../apps/local/target/mtls/self-signed';
import { eventually } from '../support/eventually';

/** An emulated cloud that answers on loopback, over TLS, and holds every caller to its IAM policies. */
export interface Emulator {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** Keys of the account's root, made for this run. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** PEM of the only certificate there is; its own authority. */
  readonly certificate: string;
  /** Last lines of what the emulator logged. */
  log(): string;
  stop(): Promise<void>;
}

const region = 'us-east-1';
const account = '000000000000';
const host = '127.0.0.1';

/** Starts the emulator; what it keeps is in `folder`. @throws Error with its last log lines when it does not answer */
export async function startEmulator(python: string, folder: string): Promise<Emulator> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const { certificate, key } = selfSigned([host]);
  const [certificateFile, keyFile] = [path.join(folder, 'cloud.crt'), path.join(folder, 'cloud.key')];
  await writeFile(certificateFile, certificate);
  await writeFile(keyFile, key, { mode: 0o600 });
  const credentials = {
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  const env = {
    PATH: process.env['PATH'] ?? '',
    PYTHONDONTWRITEBYTECODE: '1',
    HOME: folder,
    TMPDIR: folder,
    BIND_HOST: host,
    MINISTACK_HOST: host,
    GATEWAY_PORT: String(port),
    MINISTACK_REGION: region,
    MINISTACK_ACCOUNT_ID: account,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AUTH: 'true',
    USE_SSL: '1',
    MINISTACK_SSL_CERT: certificateFile,
    MINISTACK_SSL_KEY: keyFile,
    LAMBDA_EXECUTOR: 'local',
    // Both would listen on every interface.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    S3_DATA_DIR: path.join(folder, 's3'),
    STATE_DIR: path.join(folder, 'state'),
  };
  const child = spawn(python, [path.join(__dirname, 'mend.py')], { cwd: folder, env, detached: true });
  const log = tail(child);
  const ended = once(child, 'exit');
  // Its functions are processes of the same group; none may outlive this one, however it ends.
  const end = (): void => killGroup(child);
  process.once('exit', end);
  await listening(port, child, log);
  return {
    endpoint: `https://${host}:${port}`,
    region,
    account,
    credentials,
    certificate: certificateFile,
    log,
    stop: async () => {
      end();
      await ended;
      process.removeListener('exit', end);
    },
  };
}

function tail(child: ChildProcess): () => string {
  let text = '';
  const keep = (piece: Buffer): void => void (text = (text + piece.toString('utf8')).slice(-20_000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}

async function listening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const ready = await eventually(
    () => (child.exitCode === null ? log().includes(`Running on https://${host}:${port}`) : 'ended'),
    (state) => state !== false,
    60_000,
  );
  if (ready === 'ended') throw new Error(`the emulated cloud ended before it answered:\n${log()}`);
}

function killGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  process.kill(-pid, 'SIGKILL');
}

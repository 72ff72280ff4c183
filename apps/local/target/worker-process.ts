import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod/mini';

/** Path of the example worker, the consumer under load of the demo and the tests. */
export const postgresWorkerScript = join(__dirname, '../../../examples/consumers/postgres-worker/worker.ts');

/** What a worker is started with. */
export interface WorkerStart {
  /** The worker's whole environment, besides PATH and TMPDIR: nothing else of this process reaches it. */
  readonly env: Readonly<Record<string, string>>;
  /** A TypeScript or JavaScript file; the example worker when absent. */
  readonly script?: string;
  /** Receives each line the worker writes to stderr. */
  readonly log?: (line: string) => void;
}

/** A consumer that runs in a process of its own, which also ends when this process does. */
export interface WorkerProcess {
  /** Base URL of its consumer endpoint. */
  readonly url: string;
  readonly pid: number;
  /** Asks it to finish its calls and waits until it has ended; killed after 15 s. Answers with the exit code. */
  stop(): Promise<number | null>;
}

/** Where AWS answers, and as whom it is asked. */
export interface CloudAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** The environment by which the SDK in a worker finds the engine. */
export function awsEnvironment({ endpoint, region, credentials }: CloudAccess): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

const readyLine = z.object({ ready: z.literal(true), url: z.url() });
const readyWithinMs = 30_000;
const stopWithinMs = 15_000;

/**
 * Starts a worker and waits for its ready line: one line of JSON on stdout, `{"ready":true,"url":"http://…"}`.
 * @throws Error when it ends or stays silent instead, with what it last wrote to stderr.
 */
export async function startWorker({
  env,
  script = postgresWorkerScript,
  log,
}: WorkerStart): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--require', join(__dirname, '..', '..', 'typescript.js'), script], {
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const errors: string[] = [];
  linesOf(child.stderr).on('line', (line) => {
    errors.push(line);
    if (errors.length > 20) errors.shift();
    log?.(line);
  });
  try {
    const url = await firstAnswer(child, exited);
    return { url, pid: child.pid ?? 0, stop: () => stopChild(child, exited) };
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    const reason = error instanceof Error ? error.message : 'failed';
    throw new Error(`worker ${script}: ${reason}. It last wrote: ${errors.join(' | ') || 'nothing'}`, {
      cause: error,
    });
  }
}

async function firstAnswer(child: ChildProcess, exited: Promise<number | null>): Promise<string> {
  const lines = linesOf(child.stdout);
  const limit = AbortSignal.timeout(readyWithinMs);
  const line = new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    limit.addEventListener('abort', () => reject(new Error(`was not ready within ${readyWithinMs} ms`)));
  });
  const ended = exited.then((code) => {
    throw new Error(`ended with exit code ${code} before it was ready`);
  });
  const ready = readyLine.safeParse(parseJson(await Promise.race([line, ended])));
  if (ready.success) return ready.data.url;
  throw new Error('its first line on stdout is not {"ready":true,"url":"http://…"}');
}

function linesOf(output: Readable | null): Interface {
  if (output === null) throw new Error('the worker was started without this output');
  return createInterface({ input: output });
}

async function stopChild(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  const code = await exited;
  clearTimeout(overdue);
  return code;
}

function inherited(): Record<string, string> {
  const kept = ['PATH', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

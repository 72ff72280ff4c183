import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import * as z from 'zod/mini';
import { startWorker } from '../worker-process';
import {
  issuePair,
  issuerOf,
  type Pair,
  type Profile,
} from '../../../../connectors/mtls-certificate/x509/certificate';
import { type Authority, authorityOf } from '../../../../connectors/mtls-certificate/x509/authority';
import { Material } from '../../../../core/material';
import { selfSigned } from './self-signed';

const script = join(__dirname, '../../../../examples/targets/mtls-endpoint/serve.ts');
const ports = z.object({ traffic: z.number(), admin: z.number() });
const DAY_MS = 86_400_000;

/** What the endpoint's console sets; what is left out stays as it is. */
export interface Knobs {
  readonly reloadDelayMs?: number;
  readonly tickets?: 'changed' | 'kept';
  readonly register?: { readonly serial: string; readonly owner: string };
  readonly forget?: string;
  readonly powerless?: string;
  readonly crl?: string;
}

/** A TLS endpoint in a process of its own, with the authority its clients are issued by. */
export interface MtlsEndpoint {
  readonly ports: Readonly<z.infer<typeof ports>>;
  readonly authority: Authority & { readonly pem: { readonly certificate: string; readonly key: string } };
  readonly tokens: Readonly<Record<'write' | 'read' | 'blind', string>>;
  turn(knobs: Knobs): Promise<void>;
  /** Issues a pair without telling the endpoint. */
  issue(commonName: string, changes?: Partial<Profile>): Pair;
  /** Issues a pair and registers it for an owner. */
  enlist(owner: string, changes?: Partial<Profile>): Promise<Pair>;
  /** `target` fields of a policy for this endpoint. */
  target(commonName: string): Readonly<Record<string, unknown>>;
  /** Status of /whoami for a pair, by a client of its own; `closed` when there was no answer. */
  whoami(material: Material, options?: ConnectionOptions): Promise<number | 'closed'>;
  /** A connection that stays open, after its first answer. */
  open(material: Material, options?: ConnectionOptions): Promise<TLSSocket>;
  stop(): Promise<void>;
}

/** A pair as material. */
export function materialOf({ certificate, key }: Pick<Pair, 'certificate' | 'key'>): Material {
  return new Material({ certificate, key });
}

/** Starts the endpoint; it ends with this process. */
export async function startMtlsEndpoint(): Promise<MtlsEndpoint> {
  const own = selfSigned(['Gapless test authority']);
  const authority = { ...authorityOf(own.certificate, own.key), pem: own };
  const issue: MtlsEndpoint['issue'] = (commonName, changes = {}) =>
    issuePair(issuerOf(authority), {
      commonName,
      names: [],
      use: 'client',
      serial: randomBytes(16),
      notBefore: Date.now() - DAY_MS,
      notAfter: Date.now() + DAY_MS,
      ...changes,
    });
  const shown = issue('endpoint', { use: 'server', names: ['127.0.0.1', 'localhost'] });
  const tokens = { write: token(), read: token(), blind: token() };
  const child = await startWorker({
    script,
    env: {
      WRITE_TOKEN: tokens.write,
      READ_TOKEN: tokens.read,
      BLIND_TOKEN: tokens.blind,
      TRUST: own.certificate,
      SERVER_CERTIFICATE: shown.certificate,
      SERVER_KEY: shown.key,
    },
  });
  const at = ports.parse(await (await fetch(child.url)).json());
  const turn = async (knobs: Knobs) => {
    await fetch(child.url, { method: 'POST', body: JSON.stringify(knobs) });
  };
  return {
    ports: at,
    authority,
    tokens,
    turn,
    issue,
    async enlist(owner, changes) {
      const pair = issue(owner, changes);
      await turn({ register: { serial: pair.serial, owner } });
      return pair;
    },
    target: (commonName) => ({
      host: '127.0.0.1',
      port: at.traffic,
      trust: own.certificate,
      api: `https://127.0.0.1:${at.admin}`,
      apiTrust: own.certificate,
      allowPrivate: true,
      certificate: { commonName },
    }),
    whoami: async (material, options) => whoami(clientOf(at.traffic, own.certificate, material, options)),
    open: async (material, options) => {
      const socket = connect(clientOf(at.traffic, own.certificate, material, options));
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      await greet(socket);
      return socket;
    },
    stop: async () => void (await child.stop()),
  };
}

/** Sends one request over an open connection and waits for the answer; `closed` when there is none. */
export async function greet(socket: TLSSocket): Promise<string> {
  if (socket.destroyed) return 'closed';
  const answered = new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString('utf8')));
    socket.once('close', () => resolve('closed'));
  });
  socket.write('GET /whoami HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  return answered;
}

function clientOf(port: number, ca: string, material: Material, options: ConnectionOptions = {}) {
  const [cert, key] = [material.reveal('certificate'), material.reveal('key')];
  return { host: '127.0.0.1', port, ca, cert, key, servername: '', ...options };
}

async function whoami(options: ReturnType<typeof clientOf>): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    const asked = request({ ...options, path: '/whoami', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', () => resolve('closed'));
    asked.end();
  });
}

function token(): string {
  return randomBytes(24).toString('hex');
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { startWorker } from '../worker-process';

const directory = z.record(
  z.enum(['service', 'orders', 'search', 'partner', 'proxy', 'gateway', 'control']),
  z.number(),
);
const createdKey = z.object({ id: z.string(), key: z.string() });

/** What the knobs of the service set; what is left out stays as it is. */
export interface Knobs {
  readonly trouble?: 'none' | 'unavailable' | 'away' | 'throttled' | 'odd';
  readonly propagationMs?: number;
  readonly cacheMs?: number;
  readonly advanceMs?: number;
  readonly key?: { readonly id: string; readonly expiresInMs?: number; readonly scope?: 'all' | 'none' };
}

/** A key service in a process of its own: service, three consumers, a caching proxy and a gateway, all on loopback. */
export interface KeyService {
  readonly ports: Readonly<z.infer<typeof directory>>;
  readonly tokens: { readonly admin: string; readonly reader: string; readonly gateway: string };
  /** Turns knobs; answers with the service's clock, epoch milliseconds. */
  turn(knobs: Knobs): Promise<number>;
  /** Makes a key as somebody at the service's own console would. */
  create(owner: string): Promise<{ readonly id: string; readonly key: string }>;
  delete(id: string): Promise<void>;
  /** Status of /whoami for a key, at the service or at an edge. */
  whoami(key: string, edge?: 'service' | 'orders' | 'search' | 'partner' | 'proxy'): Promise<number>;
  stop(): Promise<void>;
}

function token(): string {
  return randomBytes(24).toString('hex');
}

/** Starts the key service; it ends with this process. */
export async function startKeyService(): Promise<KeyService> {
  const tokens = { admin: token(), reader: token(), gateway: token() };
  const env = { ADMIN_TOKEN: tokens.admin, READER_TOKEN: tokens.reader, GATEWAY_TOKEN: tokens.gateway };
  const child = await startWorker({ env, script: join(__dirname, 'serve.ts') });
  const ports = directory.parse(await (await fetch(child.url)).json());
  const at = (edge: keyof typeof ports, path: string) => `http://127.0.0.1:${ports[edge]}${path}`;
  const asAdmin = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
  return {
    ports,
    tokens,
    async turn(knobs) {
      const answer = await fetch(at('control', '/'), { method: 'POST', body: JSON.stringify(knobs) });
      return z.object({ now: z.number() }).parse(await answer.json()).now;
    },
    async create(owner) {
      const body = JSON.stringify({ owner });
      const answer = await fetch(at('service', '/keys'), { method: 'POST', headers: asAdmin, body });
      return createdKey.parse(await answer.json());
    },
    async delete(id) {
      await fetch(at('service', `/keys/${id}`), { method: 'DELETE', headers: asAdmin });
    },
    async whoami(key, edge = 'service') {
      return (await fetch(at(edge, '/whoami'), { headers: { 'x-api-key': key } })).status;
    },
    async stop() {
      await child.stop();
    },
  };
}

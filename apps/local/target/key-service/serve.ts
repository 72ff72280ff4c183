import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import * as z from 'zod/mini';
import { caching, gateway } from './edges';
import { Keys } from './keys';
import { keyService, type Trouble } from './service';
import { serving, type Handler, type Reply } from './wire';

const env = z
  .object({ ADMIN_TOKEN: z.string(), READER_TOKEN: z.string(), GATEWAY_TOKEN: z.string() })
  .parse(process.env);
const control = z.object({
  trouble: z.optional(z.enum(['none', 'unavailable', 'away', 'throttled', 'odd'])),
  propagationMs: z.optional(z.number()),
  /** How long the caching proxy and the caching consumer keep an answer. */
  cacheMs: z.optional(z.number()),
  /** Lets the service's clock skip this far. */
  advanceMs: z.optional(z.number()),
  key: z.optional(
    z.object({
      id: z.string(),
      expiresInMs: z.optional(z.number()),
      scope: z.optional(z.enum(['all', 'none'])),
    }),
  ),
});

const keys = new Keys();
let trouble: Trouble = 'none';
const service = keyService(keys, { admin: env.ADMIN_TOKEN, reader: env.READER_TOKEN }, () => trouble);
const direct = async (asked: Parameters<Handler>[0]): Promise<Reply> => service(asked);
const cachingConsumer = caching(direct, keys);
const proxy = caching(direct, keys);
const edge = gateway(direct, env.GATEWAY_TOKEN);

/** What answers where: the service, its three consumers, a caching proxy, a gateway, and the knobs. */
const handlers = {
  service,
  // Three consumers of the key: one asks every time, one keeps what it was told, one sits behind the gateway.
  orders: direct,
  search: cachingConsumer.handler,
  partner: edge,
  proxy: proxy.handler,
  gateway: edge,
  control: turned,
} as const satisfies Record<string, Handler>;

function turned({ body }: Parameters<Handler>[0]): Reply {
  const asked = control.parse(body);
  trouble = asked.trouble ?? trouble;
  keys.propagationMs = asked.propagationMs ?? keys.propagationMs;
  cachingConsumer.ttl.ms = asked.cacheMs ?? cachingConsumer.ttl.ms;
  proxy.ttl.ms = asked.cacheMs ?? proxy.ttl.ms;
  keys.advance(asked.advanceMs ?? 0);
  const key = asked.key && keys.get(asked.key.id);
  if (key && asked.key?.expiresInMs !== undefined) key.expiresAt = keys.now() + asked.key.expiresInMs;
  if (key && asked.key?.scope !== undefined) key.scope = asked.key.scope;
  return { status: 200, body: { now: keys.now() } };
}

async function listening(handler: Handler): Promise<number> {
  const server: Server = createServer(serving(handler));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function run(): Promise<void> {
  const ports: Record<string, number> = {};
  for (const [name, handler] of Object.entries(handlers)) ports[name] = await listening(handler);
  const directory = await listening(() => ({ status: 200, body: ports }));
  process.on('SIGTERM', () => process.exit(0));
  // Ends with the process that started it.
  process.on('disconnect', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${directory}` })}\n`);
}

void run();

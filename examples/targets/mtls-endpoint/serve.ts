import { once } from 'node:events';
import {
  createServer as createPlain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { Server as TcpServer } from 'node:net';
import * as z from 'zod/mini';
import { adminApi, bodyOf, send } from './admin';
import { Enforced } from './enforced';
import { Traffic } from './traffic';

const env = z
  .object({
    WRITE_TOKEN: z.string(),
    READ_TOKEN: z.string(),
    BLIND_TOKEN: z.string(),
    /** Authority that clients are verified against, PEM. */
    TRUST: z.string(),
    /** What both sides show at first, PEM. */
    SERVER_CERTIFICATE: z.string(),
    SERVER_KEY: z.string(),
  })
  .parse(process.env);

/** What somebody at the endpoint's own console, or trouble on its way, does; for tests. */
const knobs = z.strictObject({
  reloadDelayMs: z.optional(z.number()),
  tickets: z.optional(z.enum(['changed', 'kept'])),
  register: z.optional(z.strictObject({ serial: z.string(), owner: z.string() })),
  forget: z.optional(z.string()),
  powerless: z.optional(z.string()),
  crl: z.optional(z.string()),
});

const pair = { certificate: env.SERVER_CERTIFICATE, key: env.SERVER_KEY };
const settings: Enforced['knobs'] = { reloadDelayMs: 0, tickets: 'changed' };
const traffic = new Traffic();
const enforced = new Enforced(env.TRUST, pair, (options) => endpoint.setSecureContext(options), settings);
const endpoint = traffic.server(enforced);
const tokens = { write: env.WRITE_TOKEN, read: env.READ_TOKEN, blind: env.BLIND_TOKEN };
const admin = createServer({ cert: pair.certificate, key: pair.key }, adminApi(enforced, traffic, tokens));

function turned(asked: z.infer<typeof knobs>): void {
  settings.reloadDelayMs = asked.reloadDelayMs ?? settings.reloadDelayMs;
  settings.tickets = asked.tickets ?? settings.tickets;
  const { register, forget, powerless, crl } = asked;
  if (register) enforced.certificates.set(register.serial, { owner: register.owner });
  if (forget !== undefined) enforced.certificates.delete(forget);
  if (crl !== undefined) enforced.crl = crl;
  if (powerless !== undefined) traffic.powerless.add(powerless);
}

async function listening(server: TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function attend(request: IncomingMessage, response: ServerResponse, ports: object): Promise<void> {
  const body = await bodyOf(request);
  if (request.method === 'POST') turned(knobs.parse(body));
  send(response, { status: 200, body: ports });
}

async function run(): Promise<void> {
  const ports = { traffic: await listening(endpoint), admin: await listening(admin) };
  const console: Server = createPlain((request, response) => void attend(request, response, ports));
  const url = `http://127.0.0.1:${await listening(console)}`;
  process.on('SIGTERM', () => process.exit(0));
  // Ends with the process that started it.
  process.on('disconnect', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
}

void run();

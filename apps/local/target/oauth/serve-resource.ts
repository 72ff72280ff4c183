import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { audiences } from './provider';

const env = z
  .object({
    ISSUER: z.string(),
    RESOURCE_CLIENT: z.string(),
    RESOURCE_SECRET: z.string(),
    DENY_TOKEN: z.string(),
  })
  .parse(process.env);

const introspection = z.object({ active: z.boolean(), client_id: z.optional(z.string()) });
const knobs = z.object({ advanceMs: z.optional(z.number()) });

let skipped = 0;
const now = () => Date.now() + skipped;
const denied = new Set<string>();

type Judge = (token: string) => Promise<string | undefined>;

/** Asks the issuer about every token. Answers with the client it was issued to; undefined for a token that is none. */
const introspected: Judge = async (token) => {
  const basic = Buffer.from(`${env.RESOURCE_CLIENT}:${env.RESOURCE_SECRET}`).toString('base64');
  const answer = await fetch(`${env.ISSUER}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ token }),
  });
  const said = introspection.parse(await answer.json());
  return said.active ? said.client_id : undefined;
};

/** Validates signature, issuer, audience and expiry by itself, and never asks the issuer about a token. */
async function localJudge(): Promise<Judge> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(`${env.ISSUER}/jwks`));
  return async (token) => {
    const wanted = { issuer: env.ISSUER, audience: audiences.local, currentDate: new Date(now()) };
    try {
      const { payload } = await jwtVerify(token, keys, wanted);
      return z.object({ client_id: z.string() }).parse(payload).client_id;
    } catch {
      return undefined;
    }
  };
}

async function whoami(judge: Judge, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined)
    return void response.writeHead(401, { 'www-authenticate': 'Bearer realm="resource"' }).end();
  const client = await judge(token);
  if (client === undefined || denied.has(client)) {
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="resource", error="invalid_token"' }).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ client_id: client }));
}

function deny(request: IncomingMessage, response: ServerResponse, client: string): void {
  if (request.headers.authorization !== `Bearer ${env.DENY_TOKEN}`) return void response.writeHead(401).end();
  if (request.method === 'PUT') denied.add(client);
  response.writeHead(request.method === 'PUT' ? 204 : 405).end();
}

async function turn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  skipped += knobs.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))).advanceMs ?? 0;
  response.end();
}

async function run(): Promise<void> {
  const local = await localJudge();
  const server = createServer((request, response) => {
    response.setHeader('date', new Date(now()).toUTCString());
    const [, place = '', name = ''] = (request.url ?? '').split('/');
    switch (place) {
      case 'introspected':
        return void whoami(introspected, request, response);
      case 'local':
        return void whoami(local, request, response);
      case 'denied':
        return deny(request, response, decodeURIComponent(name));
      case 'control':
        return void turn(request, response);
      default:
        return void response.writeHead(503).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`);
}

void run();

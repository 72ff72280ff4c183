import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import type { Enforced } from './enforced';
import type { Traffic } from './traffic';

const text = z.string().check(z.minLength(1), z.maxLength(64 * 1024));
const reload = z.strictObject({
  owner: text,
  fence: z.int(),
  revision: z.int(),
  trust: text,
  crl: text,
  register: z.optional(z.strictObject({ serial: text, run: text })),
  forget: z.optional(text),
  server: z.optional(z.strictObject({ certificate: text, key: text })),
});
const closing = z.strictObject({ ids: z.array(text) });

/** Bearer tokens by what they may do: `write` everything, `read` nothing but look, `blind` not even at connections. */
export type Scope = 'write' | 'read' | 'blind';
export type Tokens = Readonly<Record<Scope, string>>;

interface Reply {
  readonly status: number;
  readonly body: object;
}

const forbidden: Reply = { status: 403, body: { error: 'scope' } };

/** The side that changes what is enforced, and counts and closes connections. */
export function adminApi(enforced: Enforced, traffic: Traffic, tokens: Tokens): RequestListener {
  return (request, response) => {
    void respond({ enforced, traffic, scope: scopeOf(request, tokens) }, request, response);
  };
}

async function respond(
  { scope, ...rest }: Omit<Asked, 'scope'> & { readonly scope: Scope | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  send(response, scope ? answer({ ...rest, scope }, request, body) : forbidden);
}

interface Asked {
  readonly enforced: Enforced;
  readonly traffic: Traffic;
  readonly scope: Scope;
}

function answer(asked: Asked, { method, url = '' }: IncomingMessage, body: unknown): Reply {
  const { traffic, scope } = asked;
  if (method === 'GET' && url === '/state') return { status: 200, body: stateOf(asked) };
  if (scope === 'blind') return forbidden;
  const serial = /^\/sessions\/([0-9a-f]{2,40})$/.exec(url)?.[1];
  if (method === 'GET' && serial !== undefined) return { status: 200, body: sessionsOf(asked, serial) };
  if (scope !== 'write') return forbidden;
  if (method === 'POST' && url === '/reload') return reloaded(asked, body);
  if (method === 'POST' && url === '/sessions/close') {
    const parsed = closing.safeParse(body);
    for (const id of parsed.data?.ids ?? []) traffic.sessions.get(id)?.socket.destroy();
    return parsed.success ? { status: 200, body: {} } : { status: 400, body: { error: 'body' } };
  }
  return { status: 404, body: { error: 'path' } };
}

function reloaded(asked: Asked, body: unknown): Reply {
  const parsed = reload.safeParse(body);
  if (!parsed.success) return { status: 400, body: { error: 'body' } };
  const done = asked.enforced.change(parsed.data);
  if (done === 'changed') return { status: 200, body: stateOf(asked) };
  return { status: done === 'invalid' ? 400 : 409, body: { error: done } };
}

function stateOf({ enforced, scope }: Asked) {
  const { revision, crl, serving } = enforced;
  const certificates = [...enforced.certificates].map(([serial, registered]) => ({ serial, ...registered }));
  const may = scope === 'write' ? 'write' : 'read';
  return { now: new Date(), scope: may, revision, crl, serving, certificates };
}

function sessionsOf({ enforced: { ticketsSince, enforcedSince, enforced }, traffic }: Asked, of: string) {
  const sessions = [...traffic.sessions.values()]
    .filter(({ serial }) => serial === of)
    .map(({ id, serial, since }) => ({ id, serial, since }));
  return { now: new Date(), ticketsSince, enforcedSince, enforced, sessions };
}

function scopeOf({ headers }: IncomingMessage, tokens: Tokens): Scope | undefined {
  const scopes: readonly Scope[] = ['write', 'read', 'blind'];
  return scopes.find((scope) => headers.authorization === `Bearer ${tokens[scope]}`);
}

/** The JSON of a request; undefined when it has none that can be read. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Answers with JSON. */
export function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

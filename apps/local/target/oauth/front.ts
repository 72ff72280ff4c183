import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import type Provider from 'oidc-provider' with { 'resolution-mode': 'import' };
import type { ClientSecrets } from './secrets';
import type { IssuerStore } from './store';

/** Who may do what at the registration endpoint. */
export interface Tokens {
  /** Registers, reads and deletes clients. */
  readonly admin: string;
  /** Lists clients, without secrets. */
  readonly reader: string;
}

export interface FrontParts {
  readonly provider: Provider;
  readonly store: IssuerStore;
  readonly secrets: ClientSecrets;
  readonly tokens: Tokens;
  readonly now: () => number;
  /** How the registration endpoint behaves: as it should, or in trouble. */
  readonly trouble: () => 'none' | 'unavailable' | 'throttled';
}

const labelled = z.object({ label: z.optional(z.string()) });

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/**
 * What stands before the provider: answers that prove nothing under /fault, and management of clients with one
 * administrator's token, as issuers offer it. What that may do is handed to the provider's own RFC 7592 endpoint.
 */
export function front(parts: FrontParts): Handler {
  const { provider, now } = parts;
  const callback = provider.callback();
  return async (request, response) => {
    // The provider reads this process's clock, which a test moves; the header has to say the same.
    response.setHeader('date', new Date(now()).toUTCString());
    const { pathname, searchParams } = new URL(request.url ?? '/', provider.issuer);
    const [, first, second, ...below] = pathname.split('/');
    if (first === 'fault') return fault(second, request, response, callback);
    if (first === 'reg') {
      const asked = { clientId: second, below, query: searchParams };
      if ((await managed(parts, request, response, asked)) === 'answered') return;
    }
    await callback(request, response);
  };
}

interface Managed {
  readonly clientId: string | undefined;
  /** What stands in the path below a client. */
  readonly below: readonly string[];
  readonly query: URLSearchParams;
}

async function managed(
  parts: FrontParts,
  request: IncomingMessage,
  response: ServerResponse,
  { clientId, below, query }: Managed,
): Promise<'answered' | 'passOn'> {
  const { provider, store, tokens, trouble } = parts;
  const { method } = request;
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  const inTheWay = trouble();
  if (method !== 'GET' && inTheWay !== 'none')
    return answer(response, inTheWay === 'throttled' ? 429 : 503, { error: inTheWay });
  if (token !== tokens.admin && token !== tokens.reader) return 'passOn';
  if (clientId === undefined) {
    if (method !== 'GET') return 'passOn';
    const wanted = query.get('software_id');
    const listed = store.clients().filter((each) => wanted === null || each['software_id'] === wanted);
    return answer(response, 200, listed);
  }
  if (token !== tokens.admin && (method !== 'GET' || below.length === 0))
    return answer(response, 403, { error: 'insufficient_scope' });
  if (!store.has(clientId)) return answer(response, 404, { error: 'not_found' });
  if (below[0] === 'credentials') return ofSecrets(parts, request, response, clientId, below[2]);
  const value = await Object.assign(new provider.RegistrationAccessToken(), { clientId }).save();
  request.headers.authorization = `Bearer ${value}`;
  return 'passOn';
}

/** Secrets of a client, below /credentials/secrets. */
async function ofSecrets(
  { secrets }: FrontParts,
  request: IncomingMessage,
  response: ServerResponse,
  clientId: string,
  secretId: string | undefined,
): Promise<'answered'> {
  if (request.method === 'GET') return answer(response, 200, secrets.of(clientId));
  if (request.method === 'DELETE') {
    const removed = secrets.remove(clientId, secretId ?? '');
    return answer(response, removed === 'removed' ? 200 : 404, {});
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { label } = labelled.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  return answer(response, 201, secrets.add(clientId, label));
}

function answer(response: ServerResponse, status: number, body: object): 'answered' {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return 'answered';
}

/** Answers that prove nothing, each below a path of its own. */
function fault(
  name: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  callback: Handler,
): Promise<void> | void {
  switch (name) {
    case 'throttled':
      return void answer(response, 429, { error: 'slow_down' });
    case 'down':
      return void response.writeHead(503).end('upstream is away');
    case 'odd':
      return void response.writeHead(200).end('<html>Welcome to the network. Please sign in.</html>');
    case 'forbidden':
      return void response.writeHead(403).end('<html>Forbidden by policy</html>');
    case 'unauthorised':
      return void response.writeHead(401).end('<html>Proxy login</html>');
    case 'moved':
      return void response.writeHead(302, { location: '/fault/unauthorised/token' }).end();
    case 'silent':
      return undefined;
    default:
      return callback(request, response);
  }
}

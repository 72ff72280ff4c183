import * as z from 'zod/mini';
import type { Key, Keys } from './keys';
import type { Asked, Handler, Reply } from './wire';

/** Who may do what at the service. */
export interface Tokens {
  /** Creates, disables and deletes keys. */
  readonly admin: string;
  /** Reads keys. */
  readonly reader: string;
}

/** How the admin side behaves: as it should, or in trouble. */
export type Trouble = 'none' | 'unavailable' | 'away' | 'throttled' | 'odd';

const creation = z.object({ owner: z.string(), label: z.optional(z.string()) });

/** The service itself: an admin side under /keys, and /whoami, which says whose key it was given. */
export function keyService(keys: Keys, tokens: Tokens, trouble: () => Trouble): Handler {
  return (asked) => {
    if (asked.path === '/whoami') return whoami(keys, asked);
    if (asked.path.startsWith('/fault/')) return fault(keys, asked);
    const inTheWay = troubled(trouble(), asked);
    return inTheWay ?? admin(keys, tokens, asked);
  };
}

/** Says which key it was given, and whose that is. */
export function whoami(keys: Pick<Keys, 'validate'>, { headers, query }: Asked): Reply {
  const value = headers['x-api-key'];
  const { worth, key } = keys.validate(typeof value === 'string' ? value : undefined);
  if (worth === 'invalid' || !key) return { status: 401, body: { error: 'invalid_key' } };
  if (key.scope === 'none') return { status: 403, body: { error: 'no_permission', key: key.id } };
  if (query.has('scope')) return { status: 403, body: { error: 'wrong_scope', key: key.id } };
  return { status: 200, body: { key: key.id, principal: key.owner } };
}

/** Answers that prove nothing, each below a path of its own. */
function fault(keys: Keys, asked: Asked): Reply {
  switch (asked.path.split('/')[2]) {
    case 'throttled':
      return { status: 429, body: { error: 'slow_down' } };
    case 'down':
      return { status: 503, body: 'upstream is away' };
    case 'odd':
      return { status: 200, body: '<html>Welcome to the network. Please sign in.</html>' };
    case 'forbidden':
      return { status: 403, body: '<html>Forbidden by policy</html>' };
    case 'moved':
      return { status: 302, headers: { location: '/fault/refusing/whoami' } };
    case 'scope':
      return whoami(keys, { ...asked, query: new URLSearchParams('scope=other') });
    case 'silent':
      return 'silent';
    default:
      return { status: 401, body: { error: 'invalid_key' } };
  }
}

function troubled(trouble: Trouble, { method }: Asked): Reply | undefined {
  if (trouble === 'away') return { status: 503, body: { error: 'unavailable' } };
  if (method === 'GET') return undefined;
  switch (trouble) {
    case 'none':
      return undefined;
    case 'unavailable':
      return { status: 503, body: { error: 'unavailable' } };
    case 'throttled':
      return { status: 429, body: { error: 'slow_down' } };
    case 'odd':
      return { status: 206, body: 'partial' };
    default:
      return trouble satisfies never;
  }
}

function admin(keys: Keys, tokens: Tokens, { method, path, headers, body, query }: Asked): Reply {
  const token = headers.authorization?.replace(/^Bearer /, '');
  if (token !== tokens.admin && token !== tokens.reader)
    return { status: 401, body: { error: 'unauthorised' } };
  if (method !== 'GET' && token !== tokens.admin) return { status: 403, body: { error: 'forbidden' } };
  const [, collection, id, action] = path.split('/');
  if (collection !== 'keys') return { status: 404, body: { error: 'no_such_page' } };
  if (id === undefined) return method === 'POST' ? created(keys, body) : list(keys, query.get('owner'));
  const key = keys.get(id);
  if (!key) return { status: 404, body: { error: 'no_such_key' } };
  if (method === 'GET') return { status: 200, body: shown(key) };
  if (method === 'DELETE') keys.delete(key);
  else if (action === 'disable') keys.disable(key);
  else return { status: 404, body: { error: 'no_such_page' } };
  return { status: 204 };
}

function created(keys: Keys, body: unknown): Reply {
  const asked = creation.safeParse(body);
  if (!asked.success) return { status: 400, body: { error: 'bad_request' } };
  const key = keys.create(asked.data.owner, asked.data.label);
  return { status: 201, body: { id: key.id, key: key.value } };
}

function list(keys: Keys, owner: string | null): Reply {
  const found = keys.all().filter((key) => owner === null || key.owner === owner);
  return { status: 200, body: { keys: found.map((key) => shown(key)) } };
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

function shown({ id, owner, label, state, createdAt, lastUsedAt }: Key): object {
  return { id, owner, label, state, created: iso(createdAt), lastUsed: iso(lastUsedAt) };
}

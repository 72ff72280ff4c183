import type { Keys } from './keys';
import type { Asked, Handler, Reply } from './wire';

type Upstream = (asked: Asked) => Promise<Reply>;

/** What is served to a key's holder at one address, from the answers of another. */
export interface Edge {
  readonly handler: Handler;
  readonly ttl: { ms: number };
}

/**
 * An edge that keeps an answer for a while, by the key it was given for: a consumer's validation cache, or a caching
 * proxy. It never keeps refusals.
 */
export function caching(upstream: Upstream, keys: Pick<Keys, 'now'>): Edge {
  const kept = new Map<string, { readonly reply: Reply; readonly until: number }>();
  const ttl = { ms: 0 };
  return {
    ttl,
    handler: async (asked) => {
      const name = `${String(asked.headers['x-api-key'])} ${asked.path}`;
      const known = kept.get(name);
      if (known && keys.now() < known.until) return known.reply;
      const reply = await upstream(asked);
      if (reply !== 'silent' && reply.status === 200) kept.set(name, { reply, until: keys.now() + ttl.ms });
      return reply;
    },
  };
}

/** A gateway: it lets everybody through but the keys on its list, which it knows by the id in their value. */
export function gateway(upstream: Upstream, token: string): Handler {
  const blocked = new Set<string>();
  return async (asked) => {
    const [, collection, id = ''] = asked.path.split('/');
    if (collection === 'blocked') {
      if (asked.headers.authorization !== `Bearer ${token}`)
        return { status: 403, body: { error: 'forbidden' } };
      if (asked.method === 'PUT') blocked.add(id);
      else blocked.delete(id);
      return { status: 204 };
    }
    const presented = /^gk_([0-9a-f]+)_/.exec(String(asked.headers['x-api-key']))?.[1];
    if (presented !== undefined && blocked.has(presented))
      return { status: 401, body: { error: 'blocked_key' } };
    return upstream(asked);
  };
}

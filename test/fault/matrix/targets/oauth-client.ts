import * as z from 'zod/mini';
import { oauthIdentity, type OAuthIdentity } from '../../../../apps/local/target/oauth/identity';
import { startOAuth, type Client, type OAuthServers } from '../../../../apps/local/target/oauth/start';
import { connector } from '../../../../connectors/oauth-client';
import type { Material } from '../../../../core/material';
import { inTest, storeFirst } from '../../../support/first-secrets';
import type { TrialIdentity, World } from '../world';
import { namesOf, type Listed } from './issued';
import { SkippingClock } from './skipping-clock';

const TOKEN_SECONDS = 600;
const PACE = { periodMs: 1_000 };
const clients = z.array(z.object({ client_id: z.string(), software_id: z.optional(z.string()) }));
const secrets = z.array(z.object({ id: z.string() }));

/** An issuer and a resource server that looks every token up. */
export async function oauthClientWorld(): Promise<World> {
  const servers = await startOAuth();
  const clock = new SkippingClock(async (advanceMs) => {
    await servers.turn({ advanceMs });
    await servers.turnResource({ advanceMs });
  });
  return {
    name: 'oauth-client',
    strategies: ['new-client', 'second-secret'],
    derivedMs: TOKEN_SECONDS * 1_000,
    seed: async (id, strategy) => {
      const identity = await oauthIdentity(servers, inTest(id), 'introspected', { changes: { pace: PACE } });
      const own = strategy === 'second-secret' ? await withFurtherSecret(servers, identity) : identity;
      return seeded(servers, clock, own, strategy);
    },
    stop: () => servers.stop(),
  };
}

/** The same identity on a further secret of its client: tokens of both secrets look the same, so none is kept to tell by. */
async function withFurtherSecret(servers: OAuthServers, identity: OAuthIdentity): Promise<OAuthIdentity> {
  const { policy, secrets: held, first } = identity;
  const { id, client_secret } = await servers.addSecret(first.client_id);
  const own = held[policy.secret];
  if (!own) throw new Error(`${policy.secret} is not among the secrets of ${identity.id}`);
  const material = own.material.with({ client_secret, secret_id: id });
  const target = {
    ...Object(policy['target']),
    tokens: { seconds: TOKEN_SECONDS, skewSeconds: 10, end: 'expiry' },
    secrets: { path: '/credentials/secrets', label: 'label' },
  };
  return {
    ...identity,
    first: { client_id: first.client_id, client_secret },
    policy: { ...policy, target, rotation: { ...Object(policy['rotation']), strategy: 'second-secret' } },
    secrets: { ...held, [policy.secret]: { ...own, material } },
  };
}

async function seeded(
  servers: OAuthServers,
  clock: SkippingClock,
  { id, policy, secrets: held, first }: OAuthIdentity,
  strategy: string,
): Promise<TrialIdentity> {
  const token = await servers.accessToken(first, 'introspected');
  const listed = strategy === 'second-secret' ? secretsOf : clientsOf;
  const field = strategy === 'second-secret' ? 'secret_id' : 'client_id';
  return {
    id,
    secret: policy.secret,
    policy,
    connector,
    others: Object.keys(held).filter((name) => name !== policy.secret),
    store: (vault) => storeFirst(vault, held),
    accepts: async (material) => {
      const form = { grant_type: 'client_credentials', scope: 'read' };
      return (await servers.token(clientIn(material), form)).status === 200;
    },
    oldSessions: async () => ((await servers.use(token, 'introspected')) === 200 ? 1 : 0),
    objects: async (inForce) => namesOf(await listed(servers, id), inForce?.reveal(field)),
    startsAt: clock.now(),
    reach: (now) => clock.reach(now),
    // The issuer lists every client it has, and nobody needs them any more.
    end: async () => {
      for (const { name } of await clientsOf(servers)) await servers.delete(name);
    },
  };
}

function clientIn(material: Material): Client {
  const [client_id = '', client_secret = ''] = ['client_id', 'client_secret'].map((name) =>
    material.reveal(name),
  );
  return { client_id, client_secret };
}

async function asked({ issuer, tokens }: OAuthServers, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${tokens.admin}` };
  return (await fetch(`${issuer}/reg${path}`, { headers })).json();
}

async function clientsOf(servers: OAuthServers, owner?: string): Promise<readonly Listed[]> {
  return clients
    .parse(await asked(servers, ''))
    .filter(({ software_id: of }) => owner === undefined || of === owner)
    .map(({ client_id: name }) => ({ name, state: 'open' }));
}

async function secretsOf(servers: OAuthServers, owner: string): Promise<readonly Listed[]> {
  const lists = await Promise.all(
    (await clientsOf(servers, owner)).map(async ({ name }) => asked(servers, `/${name}/credentials/secrets`)),
  );
  return lists.flatMap((list) => secrets.parse(list).map(({ id }) => ({ name: id, state: 'open' })));
}

import type { MemoryVault } from '../../adapters/memory/vault';
import type { Client, Judging, OAuthServers } from '../../apps/local/target/oauth/start';
import { oauthTarget } from '../../apps/local/target/oauth/target';
import { Material } from '../../core/material';

/** One machine client on a running issuer, its policy, and its secrets for a vault. */
export interface OAuthIdentity {
  readonly id: string;
  readonly policy: Readonly<Record<string, unknown>> & { readonly secret: string };
  /** The client it starts with. */
  readonly first: Client;
  store(vault: MemoryVault): void;
}

/** Makes the clients and the policy; `changes` to the target as in a policy, `consumers` the URLs of its runners. */
export async function oauthIdentity(
  servers: OAuthServers,
  id: string,
  judging: Judging,
  { changes = {}, consumers = [] }: { readonly changes?: object; readonly consumers?: readonly string[] },
): Promise<OAuthIdentity> {
  const [first, control] = [await servers.register(id), await servers.register('gapless-control')];
  const secret = `gapless/${id}`;
  const policy = {
    id,
    kind: 'oauth-client',
    owner: 'team-test',
    secret,
    target: {
      admin: `${secret}/admin`,
      control: `${secret}/control`,
      ...oauthTarget(servers, judging),
      pace: { periodMs: 100 },
      ...changes,
    },
    consumers: consumers.map((url, index) => ({
      id: `runner-${index + 1}`,
      observe: 'http',
      url,
      allowPrivate: true,
    })),
    rotation: { strategy: 'new-client', every: '30d' },
    revocation: { within: '1h', owner: 'team-test' },
  };
  // As the README of the kind says: a token kept beside the first client shows later that its tokens are dead.
  const { now } = await servers.turn({});
  const witness = {
    witness_token: await servers.accessToken(first, judging),
    witness_expires: new Date(now + 600_000).toISOString(),
  };
  return {
    id,
    policy,
    first,
    store(vault) {
      const { tokens } = servers;
      vault.create(secret, 'v-first', new Material({ ...first, ...witness }));
      vault.create(
        `${secret}/admin`,
        'v-admin',
        new Material({ token: tokens.admin, denyToken: tokens.deny }),
      );
      vault.create(`${secret}/control`, 'v-control', new Material({ ...control, token: tokens.reader }));
    },
  };
}

import { Material } from '../../../../core/material';
import { policyOf, secretsOf, type Named, type TargetIdentity } from '../identity';
import type { Client, Judging, OAuthServers } from './start';
import { oauthTarget } from './target';

/** An identity that is a machine client of an issuer. */
export interface OAuthIdentity extends TargetIdentity {
  /** The client it starts with. */
  readonly first: Client;
}

/** What is particular about an identity: fields of its target, the life of its tokens in seconds, and its consumers. */
export interface OAuthGiven {
  readonly changes?: object;
  readonly tokenSeconds?: number;
  readonly consumers?: readonly object[];
}

/**
 * Makes the clients and the policy. A token kept beside the first client shows later that its tokens are dead, as the
 * README of the kind says.
 */
export async function oauthIdentity(
  servers: OAuthServers,
  named: Named,
  judging: Judging,
  given: OAuthGiven,
): Promise<OAuthIdentity> {
  const { changes = {}, tokenSeconds = 600, consumers = [] } = given;
  const [first, control] = [await servers.register(named.id), await servers.register('gapless-control')];
  const described = oauthTarget(servers, judging);
  const tokens = { ...described.tokens, seconds: tokenSeconds };
  const target = { ...described, tokens, pace: { periodMs: 100 }, ...changes };
  const { now } = await servers.turn({ tokenSeconds });
  const witness = {
    witness_token: await servers.accessToken(first, judging),
    witness_expires: new Date(now + tokenSeconds * 1_000).toISOString(),
  };
  return {
    id: named.id,
    policy: { ...policyOf(named, { kind: 'oauth-client', strategy: 'new-client', target }), consumers },
    first,
    secrets: secretsOf(named, {
      identity: new Material({ ...first, ...witness }),
      admin: new Material({ token: servers.tokens.admin, denyToken: servers.tokens.deny }),
      control: new Material({ ...control, token: servers.tokens.reader }),
    }),
  };
}

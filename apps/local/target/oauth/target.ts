import type { Judging, OAuthServers } from './start';

/** The `target` fields of a policy that describe the two servers, as somebody would write them. */
export function oauthTarget(
  { issuer, resource }: Pick<OAuthServers, 'issuer' | 'resource'>,
  judging: Judging,
) {
  return {
    token: `${issuer}/token`,
    registration: { url: `${issuer}/reg` },
    scope: 'read',
    audience: `urn:example:${judging}`,
    tokens: { seconds: 600, skewSeconds: 10, end: judging === 'local' ? 'expiry' : 'introspection' },
    resources: [{ id: judging, url: `${resource}/${judging}/whoami` }],
    allowPrivate: true,
  };
}

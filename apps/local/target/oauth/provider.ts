import { generateKeyPairSync } from 'node:crypto';
import type { Configuration } from 'oidc-provider' with { 'resolution-mode': 'import' };
import type Provider from 'oidc-provider' with { 'resolution-mode': 'import' };
import type { ClientSecrets } from './secrets';
import type { IssuerStore } from './store';

/** Resource indicators: whose tokens are looked up at the issuer, and whose are validated without it. */
export const audiences = { introspected: 'urn:example:introspected', local: 'urn:example:local' } as const;

/** Knobs that the provider looks at with every request. */
export interface Turned {
  /** Whether introspection knows tokens of clients that are gone. By default oidc-provider does. */
  tokensOfTheGone: 'die' | 'live';
  /** Life of access tokens, in seconds. */
  tokenSeconds: number;
}

export interface ProviderParts {
  readonly issuer: string;
  readonly store: IssuerStore;
  /** Further secrets of clients, each as good as the one the provider made. */
  readonly secrets: ClientSecrets;
  readonly turned: Turned;
  /** Bearer token that may register clients. */
  readonly adminToken: string;
  /** The resource server's own client, which may introspect. */
  readonly resourceServer: { readonly client_id: string; readonly client_secret: string };
}

/** oidc-provider with dynamic registration and management, client credentials, introspection and JWT access tokens. */
export async function oidcProvider(parts: ProviderParts): Promise<Provider> {
  const { default: OidcProvider } = await import('oidc-provider');
  const { store, secrets, resourceServer } = parts;
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const provider = new OidcProvider(parts.issuer, {
    adapter: (model) => store.adapter(model),
    clients: [
      {
        ...resourceServer,
        grant_types: [],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    clockTolerance: 0,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    cookies: { keys: ['not used: no browser comes here'] },
    extraClientMetadata: { properties: ['software_id', 'software_version'] },
    jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'key-1' }] },
    scopes: ['read', 'write', 'offline_access'],
    features: featuresOf(parts),
  });
  provider.Client.prototype.compareClientSecret = function compare(actual) {
    return actual === this.clientSecret || secrets.holds(this.clientId, actual);
  };
  return provider;
}

function featuresOf({ store, turned, adminToken, resourceServer }: ProviderParts): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) =>
        client.clientId === resourceServer.client_id &&
        (turned.tokensOfTheGone === 'live' || store.has(token.clientId ?? '')),
    },
    revocation: { enabled: true },
    registration: { enabled: true, initialAccessToken: adminToken },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audiences.introspected,
      getResourceServerInfo: (_ctx, audience) => ({
        scope: 'read write',
        audience,
        accessTokenTTL: turned.tokenSeconds,
        ...(audience === audiences.local
          ? { accessTokenFormat: 'jwt' as const, jwt: { sign: { alg: 'ES256' as const } } }
          : { accessTokenFormat: 'opaque' as const }),
      }),
    },
  };
}

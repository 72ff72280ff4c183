import * as z from 'zod/mini';
import type { Descriptor } from '../../core/connector';
import { traits } from './traits';

/** What the strategy second-secret asks for beyond that. */
const secondSecretSchema = z.looseObject({
  secrets: z.looseObject({}, 'want secrets.path: where the issuer makes secrets of a client'),
});

const admin = 'aws: secretsmanager:GetSecretValue on target.admin';
const control = 'aws: secretsmanager:GetSecretValue on target.control';

/** Machine clients of an OAuth 2.0 or OpenID Connect issuer, made by dynamic client registration. */
export const descriptor = {
  ...traits,
  title: 'OAuth 2.0 client',
  maturity: 'experimental',
  strategies: {
    'new-client': { overlap: 'twoActive' },
    'second-secret': { overlap: 'twoActive', target: secondSecretSchema },
  },
  derived:
    'Access tokens outlive the client: denied by introspection or a deny list and seen refused at the resource servers, else waited for to their last possible expiry. Refresh tokens need the client and die with it.',
  testedAgainst: {
    nature: 'real server',
    what: 'oidc-provider 9, a resource server and a runner that caches its token',
  },
  rights: {
    preflight: [admin, 'issuer: list and read clients'],
    list: [admin, control, 'issuer: list clients'],
    issue: [admin, 'issuer: register clients (initial access token), or make secrets'],
    suspend: [admin, 'issuer: read and delete clients, or secrets', 'deny list: add clients'],
    revoke: [admin, 'issuer: read and delete clients, or secrets', 'deny list: add clients'],
    boundSessions: [control, 'issuer: a client of its own', 'resource servers: one call that reads'],
    observe: ['aws: secretsmanager:GetSecretValue on the identity’s own secret', control],
  },
} as const satisfies Descriptor;

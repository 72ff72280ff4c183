import { httpApiKeyWorld } from './targets/http-api-key';
import { iamAccessKeyWorld } from './targets/iam-access-key';
import { modelWorld } from './targets/model';
import { mtlsCertificateWorld } from './targets/mtls-certificate';
import { oauthClientWorld } from './targets/oauth-client';
import { postgresWorld } from './targets/postgres';
import type { World } from './world';

/** The targets that trials run on, by the name `--connector` takes. */
export const worlds: Readonly<Record<string, () => Promise<World>>> = {
  'postgres-role': postgresWorld,
  'http-api-key': httpApiKeyWorld,
  'oauth-client': oauthClientWorld,
  'mtls-certificate': mtlsCertificateWorld,
  'iam-access-key': iamAccessKeyWorld,
  model: modelWorld,
};

import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** One version of the secret: how to log in, and the version id to report. */
export interface Secret {
  readonly versionId: string;
  readonly login: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
}

/** Reads the version labelled AWSCURRENT. Errors name fields, never values. */
export async function readCurrent(client: SecretsManagerClient, secretId: string): Promise<Secret> {
  const answer = await client.send(
    new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSCURRENT' }),
  );
  if (answer.VersionId === undefined) throw new Error(`secret ${secretId}: the answer has no VersionId`);
  const fields = parseFields(secretId, answer.SecretString ?? '');
  const field = (name: string): string => {
    const value = fields[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new Error(`secret ${secretId}: field ${name} is missing or is neither text nor a number`);
  };
  return {
    versionId: answer.VersionId,
    login: {
      host: field('host'),
      port: Number(field('port')),
      database: field('dbname'),
      user: field('username'),
      password: field('password'),
    },
  };
}

function parseFields(secretId: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return Object.fromEntries(Object.entries(parsed));
  } catch {
    // The parser's own message quotes its input, which is the secret.
  }
  throw new Error(`secret ${secretId}: the value is not a JSON object`);
}

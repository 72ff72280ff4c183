import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { TargetIdentity } from '../target/identity';
import { authoritySecrets, type DemoIdentity, type StartPasswords } from './identities';

const login = z.object({
  host: z.string(),
  port: z.number(),
  dbname: z.string(),
  username: z.string(),
  password: z.string(),
});
/** A secret's value: how to log in. */
export type LoginSecret = z.infer<typeof login>;

/** Creates the three secrets of an identity, tagged as the functions' roles ask for. Those that exist are left alone. */
export async function createSecrets(
  client: SecretsManagerClient,
  identity: DemoIdentity,
  port: number,
  passwords: StartPasswords,
): Promise<void> {
  const { admin, control } = authoritySecrets(identity);
  const wanted = [
    { name: admin, use: 'admin', username: identity.admin, password: passwords.admin },
    { name: control, use: 'control', username: identity.control, password: passwords.control },
    // The last one, so that whoever has it has them all.
    { name: identity.secret, use: 'identity', username: identity.roles[0], password: passwords.app },
  ];
  for (const { name, use, username, password } of wanted) {
    const value = {
      engine: 'postgres',
      host: '127.0.0.1',
      port,
      dbname: identity.database,
      username,
      password,
    };
    const create = new CreateSecretCommand({
      Name: name,
      SecretString: JSON.stringify(value),
      Tags: [{ Key: 'gapless:use', Value: use }],
    });
    await client.send(create).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'ResourceExistsException') throw error;
    });
  }
}

/** Creates the secrets of an identity of a further kind. */
export async function createSecretsOf(
  client: SecretsManagerClient,
  { secrets }: Pick<TargetIdentity, 'secrets'>,
): Promise<void> {
  for (const [name, { use, material }] of Object.entries(secrets)) {
    const Tags = [{ Key: 'gapless:use', Value: use }];
    await client.send(new CreateSecretCommand({ Name: name, SecretString: material.toVaultText(), Tags }));
  }
}

/** Whether a secret is there. */
export async function hasSecret(client: SecretsManagerClient, secret: string): Promise<boolean> {
  try {
    await client.send(new DescribeSecretCommand({ SecretId: secret }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
}

/** The version in force and its value. */
export async function currentLogin(
  client: SecretsManagerClient,
  secret: string,
): Promise<{ readonly versionId: string; readonly login: LoginSecret }> {
  const answer = await client.send(
    new GetSecretValueCommand({ SecretId: secret, VersionStage: 'AWSCURRENT' }),
  );
  return { versionId: answer.VersionId ?? '', login: login.parse(JSON.parse(answer.SecretString ?? '{}')) };
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import path from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { spreadSlot } from '../../lambdas/steps/close/finish';
import type { TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import type { Emulator } from './emulator';

// The SDK's notice about Node 20 is not what these tests are about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** What the deployed app looks after. */
export type Cast = Readonly<Record<'scheduled' | 'leaked' | 'approved' | 'sealed', SeededIdentity>>;

const EVERY_MINUTES = 15;
const due = (id: string): number => spreadSlot(id, EVERY_MINUTES * 60_000, 0);

/** Prepares one identity for each claim on a real PostgreSQL. */
export async function seededCast(server: TestPostgres): Promise<Cast> {
  const scheduled = await seedIdentity(server, { id: idThatIsDueSoon(), strategy: 'alternating' });
  const leaked = await seedIdentity(server, { id: 'leaked-db', strategy: 'in-place' });
  const sealed = await seedIdentity(server, { id: 'sealed-db', strategy: 'in-place' });
  const approved = await seedIdentity(server, { id: 'approved-db', strategy: 'alternating' });
  const often = { strategy: 'alternating', every: `${EVERY_MINUTES}m` };
  return {
    scheduled: { ...scheduled, policy: { ...scheduled.policy, rotation: often } },
    leaked,
    sealed,
    approved: { ...approved, policy: { ...approved.policy, approval: { rotation: 'required' } } },
  };
}

/** First due times are spread over the period by the identity's id. Of a few ids, that whose time comes first. */
function idThatIsDueSoon(): string {
  const ids = Array.from({ length: 500 }, (_, index) => `scheduled-db-${index}`);
  return ids.toSorted((one, other) => due(one) - due(other))[0] ?? '';
}

/** Writes the policies where synth reads them. @returns the folder */
export async function policyFolder(cast: Cast, folder: string): Promise<string> {
  const policies = path.join(folder, 'policies');
  await mkdir(policies, { recursive: true });
  for (const { id, policy } of Object.values(cast))
    await writeFile(path.join(policies, `${id}.yaml`), JSON.stringify(policy));
  return policies;
}

/** Puts every secret into Secrets Manager, tagged as docs/deploy.md says. */
export async function storedSecrets(cast: Cast, emulator: Emulator): Promise<void> {
  const { endpoint, region, credentials } = emulator;
  const httpsAgent = new Agent({ ca: await readFile(emulator.certificate) });
  const client = new SecretsManagerClient({ endpoint, region, credentials, requestHandler: { httpsAgent } });
  for (const { secrets } of Object.values(cast)) {
    for (const [Name, { use, material }] of Object.entries(secrets)) {
      const Tags = [{ Key: 'gapless:use', Value: use }];
      await client.send(new CreateSecretCommand({ Name, SecretString: material.toVaultText(), Tags }));
    }
  }
  client.destroy();
}

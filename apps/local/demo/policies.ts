import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { TargetIdentity } from '../target/identity';
import { authoritySecrets, type DemoIdentity } from './identities';

/** Where an identity's target is reached, and its worker if it has one. */
export interface Addresses {
  readonly targetPort: number;
  readonly workerPort: number | undefined;
}

/** Writes one policy file per identity into a folder of its own, replacing what is there. */
export function writePolicies(dir: string, entries: readonly (readonly [DemoIdentity, Addresses])[]): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [identity, addresses] of entries) {
    writeFileSync(join(dir, `${identity.id}.yaml`), stringify(policyOf(identity, addresses)));
  }
}

/** Writes the policy file of an identity of a further kind. */
export function writePolicy(dir: string, { id, policy }: Pick<TargetIdentity, 'id' | 'policy'>): void {
  writeFileSync(join(dir, `${id}.yaml`), stringify(policy));
}

function policyOf(identity: DemoIdentity, { targetPort, workerPort }: Addresses): object {
  const { id, strategy, secret, database, owner, roles, every, within } = identity;
  return {
    id,
    kind: 'postgres-role',
    owner: 'demo',
    environment: 'local',
    secret,
    target: {
      ...authoritySecrets(identity),
      host: '127.0.0.1',
      port: targetPort,
      database,
      // The demo's server listens on loopback only and has no certificate.
      tls: { mode: 'disable' },
      roles,
      ...(owner !== undefined && { owner }),
    },
    consumers: workerPort === undefined ? [] : consumersOf(identity, workerPort),
    rotation: { strategy, every },
    revocation: { within, owner: 'demo' },
    controls: ['NIST-800-53-IA-5'],
  };
}

function consumersOf({ consumer, strategy }: DemoIdentity, port: number): readonly object[] {
  const http = { id: consumer, observe: 'http', url: `http://127.0.0.1:${port}/`, allowPrivate: true };
  // With one role the target can tell old sessions from new ones by their start alone, so it is asked as well.
  const bySession = { id: `${consumer}-sessions`, observe: 'target-sessions', client: consumer };
  return strategy === 'in-place' ? [http, bySession] : [http];
}

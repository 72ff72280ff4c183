import type { MemoryVault } from '../../adapters/memory/vault';
import { Material } from '../../core/material';
import { materialOf, type MtlsEndpoint } from './mtls-endpoint';

/** An identity on a TLS endpoint that also shows a pair of its own: its policy, and the secrets it starts with. */
export interface MtlsIdentity {
  readonly id: string;
  readonly policy: Readonly<Record<string, unknown>> & { readonly secret: string };
  /** The pair it starts with. */
  readonly first: Material;
  store(vault: MemoryVault): void;
}

/** Issues and registers the first pair and the control pair, and writes the policy that names them; `pace` as in a policy. */
export async function mtlsIdentity(endpoint: MtlsEndpoint, id: string, pace: object): Promise<MtlsIdentity> {
  const [first, control] = [await endpoint.enlist(id), await endpoint.enlist('gapless-control')];
  const { tokens, authority } = endpoint;
  const secret = `gapless/${id}`;
  const policy = {
    id,
    kind: 'mtls-certificate',
    owner: 'team-test',
    secret,
    target: {
      admin: `${secret}/admin`,
      control: `${secret}/control`,
      ...endpoint.target(id),
      server: { names: ['127.0.0.1'] },
      pace,
    },
    rotation: { strategy: 'side-by-side', every: '30d' },
    revocation: { within: '5m', owner: 'team-test' },
  };
  return {
    id,
    policy,
    first: materialOf(first),
    store(vault) {
      const { certificate: caCertificate, key: caKey } = authority.pem;
      vault.create(secret, 'v-first', materialOf(first));
      vault.create(`${secret}/admin`, 'v-admin', new Material({ token: tokens.write, caCertificate, caKey }));
      vault.create(`${secret}/control`, 'v-control', materialOf(control).with({ token: tokens.read }));
    },
  };
}

import type { MemoryVault } from '../../adapters/memory/vault';
import type { KeyService } from '../../apps/local/target/key-service/start';
import { keyServiceTarget } from '../../apps/local/target/key-service/target';
import { Material } from '../../core/material';

/** An identity on a key service whose edges are its paths: its policy document, and the secrets it starts with. */
export interface KeyIdentity {
  readonly id: string;
  readonly policy: Readonly<Record<string, unknown>> & { readonly secret: string };
  /** The key it starts with. */
  readonly first: { readonly id: string; readonly key: string };
  store(vault: MemoryVault): void;
}

/** Every place that answers the key's holder, beside the service itself. */
export const edges = ['orders', 'search', 'partner', 'proxy'] as const;

/** Makes the keys and the policy; `pace` as in a policy. */
export async function keyIdentity(service: KeyService, id: string, pace: object): Promise<KeyIdentity> {
  const [first, control] = [await service.create(id), await service.create('gapless-control')];
  const { tokens, ports } = service;
  const secret = `gapless/${id}`;
  const policy = {
    id,
    kind: 'http-api-key',
    owner: 'team-test',
    secret,
    target: {
      admin: `${secret}/admin`,
      control: `${secret}/control`,
      ...keyServiceTarget(service),
      pace,
      paths: edges.map((edge) => ({ id: `at-${edge}`, address: `127.0.0.1:${ports[edge]}` })),
    },
    rotation: { strategy: 'side-by-side', every: '30d' },
    revocation: { within: '5m', owner: 'team-test', fallback: 'gateway' },
  };
  return {
    id,
    policy,
    first,
    store(vault) {
      vault.create(secret, 'v-first', new Material(first));
      const admin = new Material({ token: tokens.admin, gatewayToken: tokens.gateway });
      vault.create(`${secret}/admin`, 'v-admin', admin);
      vault.create(`${secret}/control`, 'v-control', new Material({ ...control, token: tokens.reader }));
    },
  };
}

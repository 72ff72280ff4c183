import { Material } from '../../../../core/material';
import { policyOf, secretsOf, type Named, type TargetIdentity } from '../identity';
import type { KeyService } from './start';
import { keyServiceTarget } from './target';

/** Every place that answers the key's holder, beside the service itself. */
export const edges = ['orders', 'search', 'partner', 'proxy'] as const;

/** An identity whose key the service and its edges answer. */
export interface KeyIdentity extends TargetIdentity {
  /** The key it starts with. */
  readonly first: { readonly id: string; readonly key: string };
}

/** Makes the keys, and the policy in which every edge is a path of its own; `pace` as in a policy. */
export async function keyIdentity(service: KeyService, named: Named, pace: object): Promise<KeyIdentity> {
  const [first, control] = [await service.create(named.id), await service.create('gapless-control')];
  const { tokens, ports } = service;
  const paths = edges.map((edge) => ({ id: `at-${edge}`, address: `127.0.0.1:${ports[edge]}` }));
  const target = { ...keyServiceTarget(service), pace, paths };
  const policy = policyOf(named, { kind: 'http-api-key', strategy: 'side-by-side', target });
  return {
    id: named.id,
    policy: { ...policy, revocation: { ...policy.revocation, fallback: 'gateway' } },
    first,
    secrets: secretsOf(named, {
      identity: new Material(first),
      admin: new Material({ token: tokens.admin, gatewayToken: tokens.gateway }),
      control: new Material({ ...control, token: tokens.reader }),
    }),
  };
}

/** Who still lets a key in, by their own word: the service itself and its edges. */
export async function letIn(service: KeyService, key: string): Promise<readonly string[]> {
  const asked = ['service', ...edges] as const;
  const answers = await Promise.all(
    asked.map(async (edge) => [edge, await service.whoami(key, edge)] as const),
  );
  return answers.filter(([, status]) => status === 200).map(([edge]) => edge);
}

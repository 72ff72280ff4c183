import { Material } from '../../../../core/material';
import { policyOf, secretsOf, type Named, type TargetIdentity } from '../identity';
import { materialOf, type MtlsEndpoint } from './start';

/** An identity on a TLS endpoint that also shows a pair of its own. */
export interface MtlsIdentity extends TargetIdentity {
  /** The pair it starts with. */
  readonly first: Material;
}

/** Issues and registers the first pair and the control pair, and writes the policy that names them; `pace` as in a policy. */
export async function mtlsIdentity(
  endpoint: MtlsEndpoint,
  named: Named,
  pace: object,
): Promise<MtlsIdentity> {
  const [first, control] = [await endpoint.enlist(named.id), await endpoint.enlist('gapless-control')];
  const { tokens, authority } = endpoint;
  const target = { ...endpoint.target(named.id), server: { names: ['127.0.0.1'] }, pace };
  const { certificate: caCertificate, key: caKey } = authority.pem;
  return {
    id: named.id,
    policy: policyOf(named, { kind: 'mtls-certificate', strategy: 'side-by-side', target }),
    first: materialOf(first),
    secrets: secretsOf(named, {
      identity: materialOf(first),
      admin: new Material({ token: tokens.write, caCertificate, caKey }),
      control: materialOf(control).with({ token: tokens.read }),
    }),
  };
}

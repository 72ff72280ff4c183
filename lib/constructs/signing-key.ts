import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/**
 * Name of the one role that may sign. It is fixed, because the key's policy names a role of another stack that is
 * deployed after it, and holds the Region, because role names belong to an account as a whole.
 */
export const SEALER_ROLE = `gapless-seal-${Aws.REGION}`;

/**
 * The key that checkpoints are signed with: P-256, never leaving KMS. Its policy denies signing to everybody but the
 * sealer, and an explicit denial also beats grants and administrators' own policies
 * (docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html).
 */
export class SigningKey extends Key {
  constructor(scope: Construct, id: string) {
    const delegated = new PolicyStatement({
      sid: 'AccountRolesByTheirPolicies',
      principals: [new AccountRootPrincipal()],
      actions: ['kms:*'],
      resources: ['*'],
    });
    const sealer = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${SEALER_ROLE}`;
    const onlySealer = new PolicyStatement({
      sid: 'OnlyTheSealerSigns',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['kms:Sign'],
      resources: ['*'],
      conditions: { StringNotEquals: { 'aws:PrincipalArn': sealer } },
    });
    super(scope, id, {
      description: 'Gapless: signs checkpoints of the evidence',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: new PolicyDocument({ statements: [delegated, onlySealer] }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

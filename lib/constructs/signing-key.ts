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
 * Names of the roles that may sign, each with its own key. They are fixed, because a key's policy names a role that is
 * deployed after it, and hold the Region, because role names belong to an account as a whole.
 */
export const SEALER_ROLE = `gapless-seal-${Aws.REGION}`;
export const WITNESS_ROLE = `gapless-witness-${Aws.REGION}`;

/**
 * A key that checkpoints are signed with: P-256, never leaving KMS. Its policy denies signing to everybody but one
 * role, and an explicit denial also beats grants and administrators' own policies
 * (docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html).
 */
export class SigningKey extends Key {
  /** @param signer name of the one role that may sign */
  constructor(scope: Construct, id: string, signer: string) {
    const delegated = new PolicyStatement({
      sid: 'AccountRolesByTheirPolicies',
      principals: [new AccountRootPrincipal()],
      actions: ['kms:*'],
      resources: ['*'],
    });
    const only = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${signer}`;
    const onlySigner = new PolicyStatement({
      sid: 'OnlyOneRoleSigns',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['kms:Sign'],
      resources: ['*'],
      conditions: { StringNotEquals: { 'aws:PrincipalArn': only } },
    });
    super(scope, id, {
      description: 'Gapless: signs checkpoints of the evidence, or countersigns them',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: new PolicyDocument({ statements: [delegated, onlySigner] }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

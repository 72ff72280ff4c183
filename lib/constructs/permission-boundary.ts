import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { recordChanges } from './tables';

// The most any role of the app may do, whatever is attached to it later.
const most = [
  'dynamodb:BatchGetItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
  'kms:GenerateMac',
  'lambda:InvokeFunction',
  'lambda:InvokeFunctionUrl',
  'logs:CreateLogDelivery',
  'logs:CreateLogStream',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutLogEvents',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  's3:GetObject',
  's3:ListBucket',
  's3:PutObject',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
  'states:DescribeExecution',
  'states:RedriveExecution',
  'states:SendTaskSuccess',
  'states:StartExecution',
  'states:StopExecution',
] as const;

/** Permission boundary of every role: no identities, no role chaining, no key deletion, no change of a record. */
export class PermissionBoundary extends ManagedPolicy {
  constructor(scope: Construct, id: string, evidenceTableArn: string) {
    super(scope, id, {
      description: 'Gapless: the most any of its roles may do',
      statements: [
        new PolicyStatement({ sid: 'AtMost', actions: [...most], resources: ['*'] }),
        new PolicyStatement({
          sid: 'Never',
          effect: Effect.DENY,
          actions: ['iam:*', 'sts:AssumeRole', 'kms:Schedule*', 'kms:Disable*', 'kms:PutKeyPolicy'],
          resources: ['*'],
        }),
        new PolicyStatement({
          sid: 'RecordsNeverChange',
          effect: Effect.DENY,
          actions: [...recordChanges, 'dynamodb:DeleteTable'],
          resources: [evidenceTableArn],
        }),
      ],
    });
  }
}

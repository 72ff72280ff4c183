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
  'events:DescribeRule',
  'events:PutEvents',
  'events:PutRule',
  'events:PutTargets',
  'kms:GenerateMac',
  'kms:GetPublicKey',
  'kms:Sign',
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
  's3:GetObjectVersion',
  's3:ListBucket',
  's3:ListBucketVersions',
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
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
] as const;

const never = ['sts:AssumeRole', 'kms:Schedule*', 'kms:Disable*', 'kms:PutKeyPolicy'];

// A denial would beat the kind's own rights; without it, what the boundary does not list is still out of reach.
function withoutIdentities(target: readonly PolicyStatement[]): readonly string[] {
  const acts = target.flatMap(({ actions }) => actions);
  return acts.some((action) => action.startsWith('iam:')) ? [] : ['iam:*'];
}

/**
 * Permission boundary of every role: no identities, no role chaining, no key deletion, no change of a record. A kind
 * whose targets are AWS itself gets a boundary of its own, which lets exactly its declared rights through.
 */
export class PermissionBoundary extends ManagedPolicy {
  constructor(
    scope: Construct,
    id: string,
    evidenceTableArn: string,
    target: readonly PolicyStatement[] = [],
  ) {
    super(scope, id, {
      description: 'Gapless: the most any of its roles may do',
      statements: [
        new PolicyStatement({ sid: 'AtMost', actions: [...most], resources: ['*'] }),
        ...target,
        new PolicyStatement({
          sid: 'Never',
          effect: Effect.DENY,
          actions: [...withoutIdentities(target), ...never],
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

import * as z from 'zod/mini';
import { parsePolicy } from '../iam/policy';
import { arn } from '../services/arn';
import { properties, refuse } from './properties';
import { physicalName, physicalUuid, type Provider, type ResourceId } from './target';

const inline = z.object({ PolicyName: z.optional(z.string()), PolicyDocument: z.unknown() });
const Role = z.object({
  RoleName: z.optional(z.string()),
  AssumeRolePolicyDocument: z.unknown(),
  PermissionsBoundary: z.optional(z.string()),
  ManagedPolicyArns: z.prefault(z.array(z.string()), []),
  Policies: z.prefault(z.array(inline), []),
});

/** AWS managed policies that only concern what the engine does without calls: logs, network interfaces, traces. */
const IGNORED_MANAGED = [
  'service-role/AWSLambdaBasicExecutionRole',
  'service-role/AWSLambdaVPCAccessExecutionRole',
  'AWSXRayDaemonWriteAccess',
];

const where = ({ stack, logicalId }: ResourceId) => `${stack}/${logicalId}`;

const role: Provider = async (given, id, target) => {
  const wanted = properties(Role, given, id);
  const name = wanted.RoleName ?? physicalName(id);
  const roleArn = arn(target.place, 'iam', `role/${name}`);
  const trust = parsePolicy(wanted.AssumeRolePolicyDocument, `${where(id)} trust policy`);
  target.iam.setRole(roleArn, trust, wanted.PermissionsBoundary);
  for (const policy of wanted.Policies)
    target.iam.attach(roleArn, parsePolicy(policy.PolicyDocument, where(id)));
  for (const managed of wanted.ManagedPolicyArns) {
    if (IGNORED_MANAGED.some((known) => managed.endsWith(`:policy/${known}`))) continue;
    target.iam.attachManaged(roleArn, managed);
  }
  return {
    ref: name,
    attributes: { Arn: roleArn, RoleId: `AROA${physicalUuid(id).slice(0, 8).toUpperCase()}` },
  };
};

const Policy = z.object({ PolicyDocument: z.unknown(), Roles: z.prefault(z.array(z.string()), []) });

const policy: Provider = async (given, id, target) => {
  refuse(given, ['Users', 'Groups'], id);
  const { PolicyDocument, Roles } = properties(Policy, given, id);
  const statements = parsePolicy(PolicyDocument, where(id));
  for (const name of Roles) target.iam.attach(arn(target.place, 'iam', `role/${name}`), statements);
  return { ref: physicalName(id), attributes: {} };
};

const ManagedPolicy = z.object({
  ManagedPolicyName: z.optional(z.string()),
  PolicyDocument: z.unknown(),
  Roles: z.prefault(z.array(z.string()), []),
});

const managedPolicy: Provider = async (given, id, target) => {
  refuse(given, ['Users', 'Groups'], id);
  const { ManagedPolicyName, PolicyDocument, Roles } = properties(ManagedPolicy, given, id);
  const policyArn = arn(target.place, 'iam', `policy/${ManagedPolicyName ?? physicalName(id)}`);
  const statements = parsePolicy(PolicyDocument, where(id));
  target.iam.setManagedPolicy(policyArn, statements);
  for (const name of Roles) target.iam.attach(arn(target.place, 'iam', `role/${name}`), statements);
  return { ref: policyArn, attributes: { PolicyArn: policyArn } };
};

/** IAM resource types. */
export const IDENTITY: Readonly<Record<string, Provider>> = {
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::ManagedPolicy': managedPolicy,
};

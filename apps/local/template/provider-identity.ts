import * as z from 'zod/mini';
import { roleIdOf } from '../services/arn';
import { provider, type Provider } from './resource';

const Role = z.object({
  RoleName: z.optional(z.string()),
  AssumeRolePolicyDocument: z.unknown(),
  PermissionsBoundary: z.optional(z.string()),
  Policies: z.prefault(z.array(z.object({ PolicyDocument: z.unknown() })), []),
});

const Policy = z.object({ PolicyDocument: z.unknown(), Roles: z.prefault(z.array(z.string()), []) });

const ManagedPolicy = z.object({ ManagedPolicyName: z.optional(z.string()), PolicyDocument: z.unknown() });

/** IAM resource types. */
export const IDENTITY: Readonly<Record<string, Provider>> = {
  'AWS::IAM::Role': provider(Role, ['ManagedPolicyArns'], (given, resource) => {
    const { RoleName: name = resource.name(), PermissionsBoundary: boundary } = given;
    const { iam } = resource.target;
    const Arn = resource.arn('iam', `role/${name}`);
    iam.setRole(Arn, resource.policy(given.AssumeRolePolicyDocument), boundary);
    for (const { PolicyDocument } of given.Policies) iam.attach(Arn, resource.policy(PolicyDocument));
    return { ref: name, attributes: { Arn, RoleId: roleIdOf(Arn) } };
  }),
  'AWS::IAM::Policy': provider(Policy, ['Users', 'Groups'], ({ PolicyDocument, Roles }, resource) => {
    const statements = resource.policy(PolicyDocument);
    for (const name of Roles) resource.target.iam.attach(resource.arn('iam', `role/${name}`), statements);
    return { ref: resource.name() };
  }),
  /** Managed policies are permission boundaries here. */
  'AWS::IAM::ManagedPolicy': provider(ManagedPolicy, ['Users', 'Groups', 'Roles'], (given, resource) => {
    const PolicyArn = resource.arn('iam', `policy/${given.ManagedPolicyName ?? resource.name()}`);
    resource.target.iam.setManagedPolicy(PolicyArn, resource.policy(given.PolicyDocument));
    return { ref: PolicyArn, attributes: { PolicyArn } };
  }),
};

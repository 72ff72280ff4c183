import type { AwsRight } from '../../core/connector';

const users = ['arn:{partition}:iam::{account}:user/*'];
const roles = ['arn:{partition}:iam::{account}:role/*'];
/** Users that somebody tagged for Gapless, and nobody else's. */
const tagged = { StringEquals: { 'iam:ResourceTag/gapless:use': ['identity'] } };

/** What is read of a user before it is touched, and to say what became of it. */
export const reads = [
  'iam:ListAccessKeys',
  'iam:GetAccessKeyLastUsed',
  'iam:ListUserTags',
  'iam:ListAttachedUserPolicies',
  'iam:GetUserPolicy',
] as const;

/**
 * What the functions of the kind may do in AWS. Reading covers all users, because whose key it is has to be asked of keys
 * that are somebody else's. Inline policies can be written on those users and roles alone that carry one more tag: who
 * may write one could also allow something by it.
 */
export const rights: readonly AwsRight[] = [
  { role: 'mutator', actions: reads, resources: users },
  {
    role: 'mutator',
    actions: ['iam:CreateAccessKey', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey'],
    resources: users,
    conditions: tagged,
  },
  {
    role: 'mutator',
    actions: ['iam:TagUser', 'iam:UntagUser'],
    resources: users,
    conditions: {
      ...tagged,
      'ForAllValues:StringLike': {
        'aws:TagKeys': ['gapless:issuing', 'gapless:contained', 'gapless:inactive:*'],
      },
    },
  },
  {
    role: 'mutator',
    actions: ['iam:AttachUserPolicy', 'iam:DetachUserPolicy'],
    resources: users,
    conditions: { ...tagged, ArnLike: { 'iam:PolicyARN': ['arn:*:iam::aws:policy/AWSDenyAll'] } },
  },
  {
    role: 'mutator',
    actions: ['iam:PutUserPolicy'],
    resources: users,
    conditions: { StringEquals: { 'iam:ResourceTag/gapless:sessions': ['issueTime'] } },
  },
  {
    role: 'mutator',
    actions: ['iam:PutRolePolicy'],
    resources: roles,
    conditions: { StringEquals: { 'iam:ResourceTag/gapless:sessions': ['issueTime'] } },
  },
  { role: 'prober', actions: reads, resources: users },
  { role: 'prober', actions: ['iam:GetRolePolicy'], resources: roles },
];

import type { Descriptor } from '../../core/connector';
import { reads, rights as aws } from './rights';
import { traits } from './traits';

const own = 'aws: secretsmanager:GetSecretValue on the identity’s own secret';
const control = 'aws: secretsmanager:GetSecretValue on target.control, an access key of its own';
const needs = (actions: readonly string[]) => actions.map((action) => `aws: ${action}`);

/** Access keys of an IAM user. */
export const descriptor = {
  ...traits,
  title: 'AWS IAM access key',
  maturity: 'experimental',
  strategies: { 'second-key': { overlap: 'twoActive' } },
  derived:
    'Sessions outlive the key, up to 36 hours: denied by time of issue or altogether and seen denied on a data call in every region, else waited for to their last possible expiry.',
  testedAgainst: {
    nature: 'contract double',
    what: 'an IAM and STS of two regions that check signatures, keys and policies, each place with its own lag',
  },
  rights: {
    preflight: needs(reads),
    list: needs(reads),
    issue: needs(['iam:CreateAccessKey', 'iam:TagUser', 'iam:DetachUserPolicy', 'iam:UntagUser']),
    isolate: needs(['iam:TagUser', 'iam:AttachUserPolicy of AWSDenyAll']),
    suspend: needs([
      'iam:UpdateAccessKey',
      'iam:TagUser',
      'iam:PutUserPolicy and PutRolePolicy for issueTime',
    ]),
    revoke: needs(['iam:UpdateAccessKey', 'iam:DeleteAccessKey', 'iam:UntagUser']),
    boundSessions: [control, ...needs(reads)],
    observe: [own, control],
  },
  aws,
} as const satisfies Descriptor;

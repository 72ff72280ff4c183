import type { Descriptor } from '../../core/connector';
import { INVALID_KEY, UNRECOGNIZED_KEY } from './answers';
import { pathsOf } from './places';
import { reads, rights as aws } from './rights';
import { paceOf, targetSchema } from './target';

const own = 'aws: secretsmanager:GetSecretValue on the identity’s own secret';
const control = 'aws: secretsmanager:GetSecretValue on target.control, an access key of its own';
const needs = (actions: readonly string[]) => actions.map((action) => `aws: ${action}`);

/** Access keys of an IAM user. */
export const descriptor = {
  kind: 'iam-access-key',
  title: 'AWS IAM access key',
  maturity: 'experimental',
  issueStyle: 'issued',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'boundSessions', 'isolate'],
  strategies: { 'second-key': { overlap: 'twoActive' } },
  sessions: 'bounded',
  derived:
    'Sessions outlive the key, up to 36 hours: denied by time of issue or altogether and seen denied on a data call in every region, else waited for to their last possible expiry.',
  testedAgainst: {
    nature: 'contract double',
    what: 'an IAM and STS of two regions that check signatures, keys and policies, each place with its own lag',
  },
  quota: 2,
  propagationSeconds: 15,
  settle: { refusals: 3, windowSeconds: 10, periodMs: 1_000 },
  probeBudgetSeconds: 40,
  paceOf,
  pathsOf,
  refusalSignals: [INVALID_KEY, UNRECOGNIZED_KEY],
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
  target: targetSchema,
} as const satisfies Descriptor;

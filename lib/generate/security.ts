import { acknowledgements } from '../security/acknowledgements';
import { rules } from '../security/walk';
import { page, table } from './markdown';
import type { Generated } from './sources';

/** The page of what synth refuses, and what is let stand with its reason. */
export function securityPage(): Generated {
  const text = page('Security rules of the templates', [
    'Every synth walks the templates by these rules and stops at a finding nobody acknowledged; the tests add cdk-nag (AwsSolutions, Serverless, NIST 800-53 r5).',
    table(['rule', 'wants'], Object.entries(rules)),
    '## What is let stand',
    'Each line is one decision: for one rule, at one place, until a day. The tests fail on one that matches nothing or ran out (lib/security/acknowledgements.ts).',
    table(
      ['rule', 'where', 'what', 'reason', 'until'],
      acknowledgements.map(({ rule, where, what, reason, until }) => [
        rule,
        `\`${where.source}\``,
        what === undefined ? 'all of it' : `\`${what.source}\``,
        reason,
        until,
      ]),
    ),
  ]);
  return { file: 'docs/generated/security.md', text };
}

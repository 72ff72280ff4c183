import { machinesOf } from './definition';
import { evidenceFindings } from './evidence-rules';
import type { Finding } from './finding';
import { dynamicSecrets, logSettings, secretsInState } from './machine-rules';
import { openUrls } from './reach-rules';
import { unbounded, unseparated } from './role-rules';
import { policiesOf, rolesOf } from './statement';
import { readApp, type StackTemplate } from './template';
import { wildcards } from './wildcard-rules';

/** What each rule wants, as a reader of a finding needs it. */
export const rules: Readonly<Record<string, string>> = {
  'wildcard-action': 'Name each action that is called; a wildcard also grants what a service adds later.',
  'wildcard-resource': 'Name the resource, or acknowledge the pattern with the reason it is right.',
  'unknown-import': 'Import what a stack of this app exports; else nobody can tell what is reached.',
  'inverted-statement':
    'Name what is allowed; NotAction and its like allow everything else, of today and later.',
  'public-principal': 'Name who may call; a principal of * is everybody.',
  'open-url': 'Function URLs ask for a signature: AuthType AWS_IAM.',
  'powers-not-separated': 'Split the role: target admin, sign and approve belong to three.',
  'long-lived-identity': 'Use a role: users, groups and access keys live on without anybody rotating them.',
  'no-boundary': 'Put the role below the permission boundary of its stack.',
  'foreign-policy': 'Write the rights out; what a managed policy of AWS holds changes without us.',
  'trust-without-source': 'Condition the trust on aws:SourceArn and aws:SourceAccount.',
  'trust-foreign': 'Trust services and this account only.',
  'evidence-table-unknown': 'One stack has the output EvidenceTable; without it these rules look at nothing.',
  'evidence-not-append-only': 'Only PutItem and reads reach the table of evidence.',
  'evidence-without-leading-keys': 'Condition PutItem on dynamodb:LeadingKeys of one chain.',
  'evidence-chains-not-separated':
    'A role writes one chain, and who can change a target does not write proofs.',
  'log-settings': 'A machine logs level ALL to a log group, without execution data.',
  'secret-in-state': 'State carries ids; a function reads material where it needs it, and hands none on.',
  'secret-in-template': 'Templates carry names of secrets; a function reads the value.',
};

/**
 * Walks every template of an app and names what its own rules do not allow, acknowledged or not. Reads templates only:
 * no account, no network.
 * @throws Error when a template, a policy document or a definition cannot be read
 */
export function walk(stacks: readonly StackTemplate[]): readonly Finding[] {
  const app = readApp(stacks);
  const policies = policiesOf(app);
  const roles = rolesOf(app, policies);
  const machines = machinesOf(app);
  return [
    ...wildcards(policies),
    ...openUrls(app),
    ...unseparated(roles),
    ...unbounded(app, roles),
    ...evidenceFindings(app, roles),
    ...logSettings(machines),
    ...secretsInState(machines),
    ...dynamicSecrets(app),
  ];
}

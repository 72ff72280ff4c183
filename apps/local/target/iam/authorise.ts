import { decide, parsePolicy, type Question, type Statement } from '../../iam/policy';
import type { Signer } from './authenticate';
import { Refusal } from './refusal';

/** What an organization of the stand-in forbids: everything to whoever is tagged as contained, by a policy above them. */
export const serviceControl: readonly Statement[] = parsePolicy(
  {
    Statement: [
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { Null: { 'aws:PrincipalTag/gapless:contained': 'false' } },
      },
    ],
  },
  'the service control policy',
);

/** What is asked, at a place that is `lagMs` behind. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly now: number;
  readonly lagMs: number;
  readonly organization: readonly Statement[];
}

/**
 * Holds a request against the policies of who signed it: an explicit denial wins, then an allowance, else it is denied.
 * @throws Refusal AccessDenied (AccessDeniedException of a service that speaks JSON), in the words AWS uses
 */
export function authorise(signer: Signer, { action, resource, now, lagMs, organization }: Asked): void {
  const { statements, tags } = signer.principal.standing.at(now - lagMs);
  const question: Question = { action, resource, context: contextOf(signer, tags) };
  const denies = (all: readonly Statement[]) => decide(all, question) === 'denied';
  if (denies(organization))
    throw denied(signer, question, 'with an explicit deny in a service control policy');
  if (denies(statements)) throw denied(signer, question, 'with an explicit deny in an identity-based policy');
  if (decide(statements, question) === 'allowed') return;
  throw denied(signer, question, `because no identity-based policy allows the ${action} action`);
}

/** A key has no time of issue; only what was derived has one. */
function contextOf(
  { session, principal }: Signer,
  tags: ReadonlyMap<string, string>,
): Readonly<Record<string, readonly string[]>> {
  const issued = session ? { 'aws:TokenIssueTime': [new Date(session.issuedAt).toISOString()] } : {};
  const tagged = [...tags].map(([name, value]) => [`aws:PrincipalTag/${name}`, [value]] as const);
  return { 'aws:PrincipalArn': [principal.arn], ...issued, ...Object.fromEntries(tagged) };
}

function denied({ principal }: Signer, { action, resource = '*' }: Question, why: string): Refusal {
  const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return action.startsWith('dynamodb:')
    ? new Refusal('AccessDeniedException', message, 400)
    : new Refusal('AccessDenied', message, 403);
}

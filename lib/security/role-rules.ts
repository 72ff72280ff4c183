import type { Finding } from './finding';
import { matches, type Role, type Statement } from './statement';
import { listed, ofType, text, type Resource, type SynthesisedApp } from './template';

const powers = ['target admin', 'sign', 'approve'] as const;
type Power = (typeof powers)[number];

/** Actions of IAM that only look. All others make, change or remove identities, which are a target. */
const LOOKS = /^iam:(get|list|generate|simulate)/i;

/**
 * Roles that could act alone where two are needed: who administers a target, who signs the evidence of it, and who
 * approves are three. An action with a wildcard holds every power it matches.
 */
export function unseparated(roles: readonly Role[]): readonly Finding[] {
  return roles.flatMap(({ resource, grants }) => {
    const held = powers.filter((power) => grants.some((statement) => holds(power, statement)));
    const rule = 'powers-not-separated';
    return held.length < 2 ? [] : [{ rule, where: resource.where, what: held.join(' and ') }];
  });
}

/** Whether a role can change a target: it reads an administrator's secret, or changes identities of AWS itself. */
export function administers({ grants }: Role): boolean {
  return grants.some((statement) => holds('target admin', statement));
}

function holds(power: Power, statement: Statement): boolean {
  const { actions, inverted } = statement;
  const may = (name: string): boolean =>
    inverted.includes('NotAction') || actions.some((each) => matches(each, name));
  switch (power) {
    case 'sign':
      return may('kms:Sign');
    case 'approve':
      return ['states:SendTaskSuccess', 'states:SendTaskFailure'].some((name) => may(name));
    case 'target admin':
      return (
        (may('secretsmanager:GetSecretValue') && readsAdmin(statement)) ||
        actions.some((each) => matches(each, 'iam:CreateUser') || (/^iam:/i.test(each) && !LOOKS.test(each)))
      );
    default:
      return power satisfies never;
  }
}

// Secrets are told apart by a tag (docs/decisions/0008); without a condition on it a statement reaches them all.
function readsAdmin({ conditions }: Statement): boolean {
  const uses = conditions['secretsmanager:ResourceTag/gapless:use'];
  return uses === undefined || uses.some((use) => matches(use, 'admin'));
}

/**
 * Identities without the app's boundary or that no boundary can hold, policies that cannot be read here, and trust that
 * another account could borrow (IAM user guide, "The confused deputy problem").
 */
export function unbounded(app: SynthesisedApp, roles: readonly Role[]): readonly Finding[] {
  const users = ['AWS::IAM::User', 'AWS::IAM::Group', 'AWS::IAM::AccessKey'].flatMap((type) =>
    ofType(app, type),
  );
  return [
    ...users.map(({ where, type }) => ({ rule: 'long-lived-identity', where, what: type })),
    ...roles.flatMap(({ resource, trust }) => [
      ...limits(app, resource),
      ...trust.flatMap((statement) => trusted(resource, statement)),
    ]),
  ];
}

function limits(app: SynthesisedApp, { where, properties }: Resource): readonly Finding[] {
  const own = ofType(app, 'AWS::IAM::ManagedPolicy').map(({ reference }) => `${reference}>`);
  const boundary = properties['PermissionsBoundary'];
  const foreign = listed(properties['ManagedPolicyArns'])
    .map((each) => text(each))
    .filter((each) => !own.includes(each));
  return [
    ...(own.some((each) => each === boundary)
      ? []
      : [{ rule: 'no-boundary', where, what: boundary === undefined ? '' : text(boundary) }]),
    ...foreign.map((what) => ({ rule: 'foreign-policy', where, what })),
  ];
}

function trusted({ where }: Resource, { principals, conditions }: Statement): readonly Finding[] {
  const missing = ['aws:SourceArn', 'aws:SourceAccount'].filter((key) => conditions[key] === undefined);
  const services = (principals['Service'] ?? []).flatMap((service) =>
    missing.map((key) => ({ rule: 'trust-without-source', where, what: `${service} without ${key}` })),
  );
  const others = Object.entries(principals)
    .filter(([kind]) => kind !== 'Service')
    .flatMap(([, names]) => names)
    .filter((name) => !/^arn:(aws[a-z-]*|<AWS::Partition>):iam::<AWS::AccountId>:/.test(name));
  return [...services, ...others.map((what) => ({ rule: 'trust-foreign', where, what }))];
}

import * as z from 'zod/mini';
import { listed, ofType, text, type Resource, type SynthesisedApp } from './template';

const written = z.object({
  Statement: z.array(
    z.object({
      Sid: z.optional(z.string()),
      Effect: z.enum(['Allow', 'Deny']),
      Principal: z.optional(z.unknown()),
      NotPrincipal: z.optional(z.unknown()),
      Action: z.optional(z.unknown()),
      NotAction: z.optional(z.unknown()),
      Resource: z.optional(z.unknown()),
      NotResource: z.optional(z.unknown()),
      Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
    }),
  ),
});

/** One thing a statement allows about: what matches, or everything that does not. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** `{ Service: […] }`, `{ AWS: […] }`; `*` is under `AWS`. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `NotAction`, `NotResource` or `NotPrincipal`: whatever is not named, so what may be added later, too. */
  readonly inverted: readonly string[];
  /** By condition key without regard to its operator. */
  readonly conditions: Readonly<Record<string, readonly string[]>>;
}

/** A policy document and the resource it stands in. */
export interface PolicyText {
  readonly holder: Resource;
  /** `identity` grants to roles, `boundary` limits them, `resource` stands at what is reached, `trust` says who takes a role. */
  readonly kind: 'identity' | 'boundary' | 'resource' | 'trust';
  readonly statements: readonly Statement[];
}

/** Every policy document of an app, wherever it stands. */
export function policiesOf(app: SynthesisedApp): readonly PolicyText[] {
  return app.resources.flatMap((holder) =>
    documentsIn(holder.properties, holder.type).map(({ document, kind }) => ({
      holder,
      kind,
      statements: statementsOf(document),
    })),
  );
}

/** The statements of a document. @throws Error when it is none */
export function statementsOf(document: unknown): readonly Statement[] {
  return written.parse(document).Statement.map((each) => ({
    effect: each.Effect,
    principals: principalsOf(each.Principal),
    actions: listed(each.Action).map((one) => text(one)),
    resources: listed(each.Resource).map((one) => text(one)),
    inverted: (['NotAction', 'NotResource', 'NotPrincipal'] as const).filter(
      (name) => each[name] !== undefined,
    ),
    conditions: conditionsOf(each.Condition ?? {}),
  }));
}

/** Whether a pattern of IAM (`*`, `?`) matches a name. Actions are compared without regard to case. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(name);
}

/** A role and everything attached to it, its boundary aside. */
export interface Role {
  readonly resource: Resource;
  readonly grants: readonly Statement[];
  readonly trust: readonly Statement[];
}

/** Every role of an app. */
export function rolesOf(app: SynthesisedApp, policies: readonly PolicyText[]): readonly Role[] {
  return ofType(app, 'AWS::IAM::Role').map((resource) => {
    const name = `${resource.reference}>`;
    const managed = listed(resource.properties['ManagedPolicyArns']);
    const attached = policies.filter(
      ({ holder, kind }) =>
        (holder === resource && kind === 'identity') ||
        (holder.type.startsWith('AWS::IAM::') && listed(holder.properties['Roles']).includes(name)) ||
        managed.includes(`${holder.reference}>`),
    );
    const trust = policies.filter(({ holder, kind }) => holder === resource && kind === 'trust');
    return {
      resource,
      grants: attached.flatMap(({ statements }) => statements).filter(({ effect }) => effect === 'Allow'),
      trust: trust.flatMap(({ statements }) => statements).filter(({ effect }) => effect === 'Allow'),
    };
  });
}

interface Placed {
  readonly document: unknown;
  readonly kind: PolicyText['kind'];
}

// Documents stand at different depths by resource type: under replicas, in lists, by several names.
function documentsIn(value: unknown, type: string): readonly Placed[] {
  if (Array.isArray(value)) return value.flatMap((each: unknown) => documentsIn(each, type));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, each]) => {
    if (key === 'AssumeRolePolicyDocument') return [{ document: each, kind: 'trust' }];
    if (isDocument(each)) return [{ document: each, kind: kindOf(type) }];
    return documentsIn(each, type);
  });
}

function isDocument(value: unknown): boolean {
  return (
    value !== null && typeof value === 'object' && 'Statement' in value && written.safeParse(value).success
  );
}

function kindOf(type: string): PolicyText['kind'] {
  if (type === 'AWS::IAM::ManagedPolicy') return 'boundary';
  return type.startsWith('AWS::IAM::') ? 'identity' : 'resource';
}

function principalsOf(principal: unknown): Statement['principals'] {
  if (principal === undefined) return {};
  if (typeof principal === 'string') return { AWS: [principal] };
  return Object.fromEntries(
    Object.entries(z.record(z.string(), z.unknown()).parse(principal)).map(([kind, each]) => [
      kind,
      listed(each).map((one) => text(one)),
    ]),
  );
}

function conditionsOf(
  conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Statement['conditions'] {
  const pairs = Object.values(conditions).flatMap((keys) => Object.entries(keys));
  return Object.fromEntries(pairs.map(([key, values]) => [key, listed(values).map((one) => text(one))]));
}

import * as z from 'zod/mini';
import type { Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { everyTarget, parsedTarget } from '../../core/parsed-target';

const maxNameBytes = 63;
const nameError = `want a PostgreSQL name of 1 to ${maxNameBytes} bytes`;
const hostError = 'want a host name or an IP address, without port or scheme';
const portError = 'want a port from 1 to 65535';
const rolesError = 'want exactly one role for in-place, exactly two for alternating';
const pemError = 'want certificates in PEM form';

/** A PostgreSQL name as it stands in the catalog: exact, case kept, quoted wherever it is used. */
const name = z.string(nameError).check(
  z.refine((value) => value !== '' && Buffer.byteLength(value) <= maxNameBytes && !value.includes('\0'), {
    error: nameError,
  }),
);
const role = name.check(
  z.refine((value) => !/^pg_/i.test(value) && !['public', 'none'].includes(value), {
    error: 'want a role of your own; pg_..., public and none belong to PostgreSQL',
  }),
);

const tls = z.strictObject({
  mode: z.enum(['disable', 'require', 'verify-full'], 'want disable, require or verify-full'),
  ca: z.optional(z.string(pemError).check(z.regex(/-----BEGIN CERTIFICATE-----/, pemError))),
});
/** How the connection is protected; it never falls back to less than asked. */
export type Tls = z.infer<typeof tls>;

/** `target` of a policy of kind postgres-role. */
export const targetSchema = z
  .strictObject({
    ...everyTarget,
    host: z.string(hostError).check(z.regex(/^[A-Za-z0-9._:-]{1,253}$/, hostError)),
    port: z._default(z.int(portError).check(z.minimum(1, portError), z.maximum(65_535, portError)), 5432),
    database: name,
    tls: z._default(tls, { mode: 'verify-full' }),
    roles: z.array(role, rolesError).check(
      z.refine((roles) => roles.length === 1 || roles.length === 2, { error: rolesError }),
      z.refine((roles) => new Set(roles).size === roles.length, { error: 'want two different roles' }),
    ),
    owner: z.optional(role),
    setRole: z._default(z.enum(['default', 'none'], 'want default or none'), 'default'),
  })
  .check(
    z.refine(({ roles, owner }) => roles.length !== 2 || owner !== undefined, {
      path: ['owner'],
      error: 'want the role that owns the objects and that both login roles are members of',
    }),
    z.refine(({ roles, owner }) => owner === undefined || !roles.includes(owner), {
      path: ['owner'],
      error: 'want a role that is not one of target.roles',
    }),
  );

/** What a strategy asks of `target.roles`. */
export function targetWithRoles(count: number): z.ZodMiniType {
  const error = `want exactly ${count} login role(s) for this strategy`;
  return z.looseObject({
    roles: z.array(z.unknown()).check(z.refine((roles) => roles.length === count, { error })),
  });
}

/** A parsed target. */
export type PostgresTarget = z.infer<typeof targetSchema>;

/** The strategies of this kind and how many login roles each works with; without a rotation any number is revoked. */
const rolesOf: Readonly<Record<string, number | 'any'>> = { 'in-place': 1, alternating: 2, none: 'any' };

// Every call of a step asks with the same subject.
const known = new WeakMap<Subject, PostgresTarget>();

/**
 * The target of a subject, held against its strategy.
 * @throws Failure InvalidInput naming the field, the value and what is allowed
 */
export function targetOf(subject: Subject): PostgresTarget {
  const target = known.get(subject) ?? checkedTarget(subject);
  known.set(subject, target);
  return target;
}

function checkedTarget(subject: Subject): PostgresTarget {
  const target = parsedTarget(targetSchema, subject);
  const wanted = rolesOf[subject.strategy];
  if (wanted === undefined) {
    throw invalid(
      subject,
      `rotation.strategy: got ${subject.strategy}, want ${Object.keys(rolesOf).join(' or ')}`,
    );
  }
  if (wanted !== 'any' && target.roles.length !== wanted) {
    const given = `got ${target.roles.length} (${target.roles.join(', ')})`;
    throw invalid(subject, `target.roles: ${given}, strategy ${subject.strategy} wants exactly ${wanted}`);
  }
  return target;
}

/**
 * The role a version logs in as, if it is one of the identity's own.
 * @throws Failure InvalidInput for any other role: foreign roles are never touched
 */
export function ownRole(subject: Subject, target: PostgresTarget, remoteId: string): string {
  if (target.roles.includes(remoteId)) return remoteId;
  throw invalid(
    subject,
    `role ${remoteId} is not one of target.roles (${target.roles.join(', ')}) and is left alone`,
  );
}

function invalid(subject: Subject, complaint: string): Failure {
  return new Failure(
    'InvalidInput',
    `${subject.identityId}: ${complaint}. Nothing was changed. Correct the policy and run: gapless plan`,
    'none',
  );
}

import { randomBytes } from 'node:crypto';
import type { TargetSeed } from '../target/seed-target';

/** An identity of the demo: a database of its own on the shared server, and a worker that uses it under load. */
export interface DemoIdentity {
  readonly id: string;
  readonly strategy: 'alternating' | 'in-place';
  readonly database: string;
  readonly owner: string | undefined;
  /** Login roles; the first one is in use at the start. */
  readonly roles: readonly [string, ...string[]];
  readonly admin: string;
  readonly control: string;
  readonly secret: string;
  /** Name of its worker, where it has one. */
  readonly consumer: string;
  /** How often its policy wants a rotation, and how soon a revocation has to be proven. */
  readonly every: string;
  readonly within: string;
}

/** Shortest period a policy may ask for, so that the schedule finds the identities due soon. */
const SOON = '15m';

function named(
  id: string,
  own: Pick<DemoIdentity, 'strategy' | 'database' | 'owner' | 'roles' | 'every' | 'within'>,
): DemoIdentity {
  const { database } = own;
  return {
    id,
    ...own,
    admin: `${database}_admin`,
    control: `${database}_control`,
    secret: `demo/${id}`,
    consumer: `${database}-worker`,
  };
}

/** Two login roles that take turns: no consumer loses a call. */
export const ordersDb = named('orders-db', {
  strategy: 'alternating',
  database: 'orders',
  owner: 'orders_owner',
  roles: ['orders_app_a', 'orders_app_b'],
  every: SOON,
  within: '1h',
});

/** One role whose password is replaced: there is a gap, and it is measured. */
export const billingDb = named('billing-db', {
  strategy: 'in-place',
  database: 'billing',
  owner: undefined,
  roles: ['billing_app'],
  every: SOON,
  within: '1h',
});

/** Nobody rotates this one: its password gets into the wrong hands, and it is revoked. */
export const reportsDb = named('reports-db', {
  strategy: 'alternating',
  database: 'reports',
  owner: 'reports_owner',
  roles: ['reports_app_a', 'reports_app_b'],
  every: '365d',
  within: '5m',
});

/** Names of the secrets of the roles that change and observe the target. */
export function authoritySecrets({ secret }: DemoIdentity): {
  readonly admin: string;
  readonly control: string;
} {
  return { admin: `${secret}/admin`, control: `${secret}/control` };
}

/** The passwords a target starts with, made up for this start. */
export interface StartPasswords {
  readonly app: string;
  readonly admin: string;
  readonly control: string;
}

export function startPasswords(): StartPasswords {
  return { app: freshPassword(), admin: freshPassword(), control: freshPassword() };
}

/** 192 bits, in characters that need no quoting anywhere. */
export function freshPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** What the server is prepared with. */
export function seedOf(identity: DemoIdentity, { app, admin, control }: StartPasswords): TargetSeed {
  const [first, ...others] = identity.roles;
  return {
    database: identity.database,
    ...(identity.owner !== undefined && { owner: identity.owner }),
    roles: [{ name: first, password: app }, ...others.map((name) => ({ name }))],
    admin: { name: identity.admin, password: admin },
    control: { name: identity.control, password: control },
  };
}

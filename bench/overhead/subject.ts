import { connector } from '../../connectors/postgres-role';
import type { Subject } from '../../core/call';
import type { TestPostgres } from '../../test/support/postgres';
import { seedIdentity, type SeededIdentity } from '../../test/support/postgres-identity';

/** How the identities under measurement rotate. */
export const strategies = ['alternating', 'in-place'] as const;
export type Strategy = (typeof strategies)[number];

/** One identity per strategy, each with a database and roles of its own. */
export type Identities = Readonly<Record<Strategy, SeededIdentity>>;

/** Seeds both strategies' identities; the names of all sides have one length, so that their statements have too. */
export async function seedIdentities(
  server: TestPostgres,
  side: 'bare' | 'pipe',
  store: string,
): Promise<Identities> {
  const seeded = (strategy: Strategy) =>
    seedIdentity(server, { id: `${side}-${store}-${strategy}`, strategy });
  return { alternating: await seeded('alternating'), 'in-place': await seeded('in-place') };
}

/** The database and the beginning of every role's name. */
export function databaseOf({ id }: SeededIdentity): string {
  return id.replaceAll('-', '_');
}

/** The identity as the connector sees it. */
export function subjectOf({ id, policy }: SeededIdentity, strategy: Strategy): Subject {
  return { identityId: id, strategy, target: connector.descriptor.target.parse(policy.target) };
}

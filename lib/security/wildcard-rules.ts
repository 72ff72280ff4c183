import type { Finding } from './finding';
import type { PolicyText, Statement } from './statement';

/**
 * What reaches more than it names: actions and resources with a `*`, statements about whatever is not named, and
 * principals that are everybody, and imports nothing in the app exports. Denials may reach as far as they like. In a policy that stands at a resource, `*` is
 * that resource, so there only actions and principals are looked at.
 */
export function wildcards(policies: readonly PolicyText[]): readonly Finding[] {
  return policies.flatMap(({ holder, kind, statements }) =>
    statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap((statement) => [
        ...found('wildcard-action', starred(statement.actions)),
        ...found(
          'wildcard-resource',
          kind === 'resource' ? [] : starred(statement.resources).map((each) => reach(kind, each, statement)),
        ),
        ...found(
          'unknown-import',
          statement.resources.filter((each) => each.includes('<import ')),
        ),
        ...found('inverted-statement', statement.inverted),
        ...found(
          'public-principal',
          Object.values(statement.principals)
            .flat()
            .filter((each) => each === '*'),
        ),
      ])
      .map((finding) => ({ ...finding, where: holder.where })),
  );
}

/** A resource pattern with what it is open to: the same one may be right for a read, or under a condition, alone. */
function reach(kind: PolicyText['kind'], resource: string, { actions, conditions }: Statement): string {
  if (kind === 'boundary') return `${resource} as the most a role may reach`;
  const keys = Object.keys(conditions);
  return `${resource} for ${actions.join(', ')}${keys.length === 0 ? '' : ` if ${keys.join(', ')}`}`;
}

function starred(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.includes('*'));
}

function found(rule: string, whats: readonly string[]): readonly Omit<Finding, 'where'>[] {
  return whats.map((what) => ({ rule, what }));
}

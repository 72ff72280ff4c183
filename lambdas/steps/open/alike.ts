import type { Policy } from '../../../core/policy/schema';

const MOST = 3;

/** Ids that somebody who typed this may have meant: same letters, an alias, or one within the other. */
export function alike(typed: string, policies: readonly Pick<Policy, 'id' | 'aliases'>[]): readonly string[] {
  const wanted = bare(typed);
  return policies
    .filter(({ id, aliases }) => [id, ...aliases].some((name) => near(wanted, bare(name))))
    .map(({ id }) => id)
    .slice(0, MOST);
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function near(wanted: string, name: string): boolean {
  return wanted.length >= 3 && (name.includes(wanted) || wanted.includes(name));
}

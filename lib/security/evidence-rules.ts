import { evidenceKeys } from '../../core/ports/tables';
import type { Finding } from './finding';
import { administers } from './role-rules';
import { matches, type Role, type Statement } from './statement';
import type { SynthesisedApp } from './template';

/** The output that names the table of evidence. */
const OUTPUT = '/EvidenceTable';

/** All that may be asked of it. Written out: a change of the tables' own lists must not widen what is checked. */
const allowed = ['PutItem', 'GetItem', 'BatchGetItem', 'Query', 'DescribeTable'].map(
  (name) => `dynamodb:${name}`,
);

/**
 * What could change a record, or write one into a chain that is not the writer's: only PutItem and reads at the table of
 * evidence, each writer with leading keys of exactly one chain, and never the proof chain for who can change a target.
 */
export function evidenceFindings(app: SynthesisedApp, roles: readonly Role[]): readonly Finding[] {
  const tables = Object.entries(app.outputs).filter(([name]) => name.endsWith(OUTPUT));
  const [table] = tables;
  if (tables.length !== 1 || table === undefined)
    return [
      {
        rule: 'evidence-table-unknown',
        where: 'outputs',
        what: `${tables.length} outputs called EvidenceTable`,
      },
    ];
  const arn = table[1].replace(/>$/, '.Arn>');
  return roles.flatMap((role) => {
    const reaching = role.grants.filter((statement) => reaches(statement, arn));
    return [...changes(role, reaching), ...chains(role, reaching)];
  });
}

function changes({ resource: { where } }: Role, reaching: readonly Statement[]): readonly Finding[] {
  const others = reaching
    .flatMap(({ actions, inverted }) => [...actions, ...inverted])
    .filter((action) => /^(\*|dynamodb:|Not)/i.test(action) && !allowed.includes(action));
  return [...new Set(others)].map((what) => ({ rule: 'evidence-not-append-only', where, what }));
}

function chains(role: Role, reaching: readonly Statement[]): readonly Finding[] {
  const { where } = role.resource;
  const appends = reaching.filter(({ actions }) => actions.some((each) => matches(each, 'dynamodb:PutItem')));
  if (appends.length === 0) return [];
  const free = appends.filter(({ conditions }) => conditions['dynamodb:LeadingKeys'] === undefined);
  const keys = new Set(appends.flatMap(({ conditions }) => conditions['dynamodb:LeadingKeys'] ?? []));
  const known = Object.values(evidenceKeys).map((each) => `${each}*`);
  const strange = [...keys].filter((key) => !known.includes(key));
  const what = [...keys].toSorted().join(' and ');
  return [
    ...free.map(() => ({ rule: 'evidence-without-leading-keys', where, what: 'dynamodb:PutItem' })),
    ...(keys.size > 1 || strange.length > 0 ? [{ rule: 'evidence-chains-not-separated', where, what }] : []),
    ...(keys.has(`${evidenceKeys.proof}*`) && administers(role)
      ? [{ rule: 'evidence-chains-not-separated', where, what: 'target admin and the proof chain' }]
      : []),
  ];
}

function reaches({ resources, inverted }: Statement, arn: string): boolean {
  return (
    inverted.includes('NotResource') ||
    resources.some((each) => matches(each, arn) || matches(each, `${arn}/index/x`))
  );
}

import { asText, resourcesOf, soundPolicy, statementsIn, synthesise } from '../support/synth';

const { workflow } = synthesise({ 'orders.yaml': soundPolicy });
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const grants = resourcesOf(workflow, 'AWS::IAM::Policy').flatMap(({ Properties }) =>
  list(Properties['Roles']).flatMap((role) =>
    statementsIn(Properties['PolicyDocument']).map((statement) => ({ role: asText(role), statement })),
  ),
);

/** Folders of the spill that the role of a function may write, by a part of the role's name. */
function foldersOf(part: string): readonly (string | undefined)[] {
  return grants
    .filter(({ role, statement }) => role.includes(part) && statement.Sid === 'Spill')
    .flatMap(({ statement }) => list(statement.Resource).map((on) => asText(on).split('/spill/')[1]));
}

it('whoever writes a chain may keep its records in the spill, and Settle alone says what became of them', () => {
  for (const part of ['Functionsopen', 'Functionsclose', 'mutator']) {
    expect([part, foldersOf(part)]).toEqual([part, ['*/RUN/*']]);
  }
  expect(foldersOf('prober')).toEqual(['*/PROOF/*']);
  expect(foldersOf('Functionssettle')).toEqual(['*/aside/*', '*/delivered/*']);
  expect(grants.filter(({ statement }) => statement.Sid === 'Spill')).toHaveLength(5);
});

it('who carries records into both chains reads no secret and reaches no key', () => {
  const settle = grants.filter(({ role }) => role.includes('Functionssettle'));
  const actions = settle.flatMap(({ statement }) => list(statement.Action).map(String));
  expect(actions.filter((action) => /^(secretsmanager|kms|sts):/.test(action))).toEqual([]);
});

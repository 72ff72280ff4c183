import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { spillIn } from '../../core/evidence/spill';
import { asText, resourcesOf, soundApp, statementsIn } from '../support/synth';

const { workflow } = soundApp();
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

const may = (part: string, name: string) => foldersOf(part).some((each) => matches(each ?? '', name));

/** Names of the objects that hold a record of a chain, and of those that say what became of it. */
async function written(chain: 'RUN' | 'PROOF', as: 'kept' | 'delivered' | 'aside'): Promise<string[]> {
  const objects = new MemorySealedStore();
  const record = { chain, runId: 'run-a', seq: 5, body: '{}', hash: '' };
  if (as === 'kept') await spillIn(objects).put(record);
  else await spillIn(objects).mark(record, as);
  return (await objects.versions('spill/')).map(({ key }) => key.slice('spill/'.length));
}

/** A resource pattern as IAM matches it: `*` stands for anything, a slash too. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w/-]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

it('no right to keep records of a chain reaches a mark or another chain: IAM lets * stand for folders, too', async () => {
  const places = (['RUN', 'PROOF'] as const).flatMap((chain) =>
    (['kept', 'delivered', 'aside'] as const).map((as) => ({ chain, as })),
  );
  for (const { chain, as } of places) {
    const [name = ''] = await written(chain, as);
    const writers = ['Functionsopen', 'mutator', 'prober', 'Functionssettle'].filter((part) =>
      may(part, name),
    );
    const own = chain === 'RUN' ? ['Functionsopen', 'mutator'] : ['prober'];
    expect([name, writers]).toEqual([name, as === 'kept' ? own : ['Functionssettle']]);
  }
});

it('who carries records into both chains reads no secret and reaches no key', () => {
  const settle = grants.filter(({ role }) => role.includes('Functionssettle'));
  const actions = settle.flatMap(({ statement }) => list(statement.Action).map(String));
  expect(actions.filter((action) => /^(secretsmanager|kms|sts):/.test(action))).toEqual([]);
});

import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { descriptor } from '../../connectors/iam-access-key/descriptor';
import { asText, resourcesOf, statementsIn, synthesise, type Statement } from '../support/synth';

/** The longest a managed policy may be without white space, in characters (IAM quotas). */
const LONGEST_POLICY = 6_144;

const file = path.join(__dirname, '../../examples/policies/orders-batch.yaml');
const example: unknown = parse(fs.readFileSync(file, 'utf8'));
const { workflow } = synthesise({ 'orders-batch.yaml': example }, { descriptors: [descriptor] });

const list = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map((each) => asText(each));
const isIam = (action: string) => action.startsWith('iam:');

function grantsOf(role: 'mutator' | 'prober'): readonly Statement[] {
  return resourcesOf(workflow, 'AWS::IAM::Policy')
    .filter(({ Properties }) => list(Properties['Roles']).some((each) => each.includes(`default${role}`)))
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']))
    .filter(({ Action }) => list(Action).some((action) => isIam(action)));
}

const actionsOf = (role: 'mutator' | 'prober') =>
  [...new Set(grantsOf(role).flatMap(({ Action }) => list(Action)))].toSorted();
const declared = (role: 'mutator' | 'prober') =>
  [
    ...new Set(descriptor.aws.filter((right) => right.role === role).flatMap(({ actions }) => [...actions])),
  ].toSorted();

it.each(['mutator', 'prober'] as const)('the %s of IAM keys may do in IAM what the kind declares', (role) => {
  expect(actionsOf(role)).toEqual(declared(role));
});

it('the prober of IAM keys only reads', () => {
  expect(actionsOf('prober').filter((action) => !/^iam:(Get|List)/.test(action))).toEqual([]);
});

it('no other function reaches IAM', () => {
  const reaching = resourcesOf(workflow, 'AWS::IAM::Policy')
    .filter(({ Properties }) =>
      statementsIn(Properties['PolicyDocument']).some(({ Action }) => list(Action).some(isIam)),
    )
    .flatMap(({ Properties }) => list(Properties['Roles']));
  expect(reaching).toHaveLength(2);
});

it('every change is for users or roles that carry a tag, and what may be attached is the denial alone', () => {
  const changes = grantsOf('mutator').filter(
    ({ Action }) => !list(Action).every((action) => /^iam:(Get|List)/.test(action)),
  );
  expect(changes.length).toBeGreaterThan(0);
  for (const { Condition } of changes)
    expect(Object.keys(Condition?.['StringEquals'] ?? {})[0]).toMatch(/^iam:ResourceTag\/gapless:/);
  const attaching = changes.filter(({ Action }) => list(Action).includes('iam:AttachUserPolicy'));
  expect(attaching.map(({ Condition }) => list(Condition?.['ArnLike']?.['iam:PolicyARN']))).toEqual([
    ['arn:*:iam::aws:policy/AWSDenyAll'],
  ]);
});

it('the boundary of the kind is short enough to be deployed', () => {
  const lengths = resourcesOf(workflow, 'AWS::IAM::ManagedPolicy').map(
    ({ Properties }) => JSON.stringify(Properties['PolicyDocument']).length,
  );
  expect(lengths.length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...lengths)).toBeLessThan(LONGEST_POLICY);
});

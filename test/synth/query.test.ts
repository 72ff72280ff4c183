import { runIndexes } from '../../core/ports/tables';
import { asText, resourcesOf, soundApp, type Statement, statementsIn } from '../support/synth';

const { workflow } = soundApp();
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const actionsOf = ({ Action }: Statement): readonly string[] => list(Action).map(String);

/** Statements of the policies of roles whose logical id has this in it. */
function rightsOf(role: string): readonly Statement[] {
  return resourcesOf(workflow, 'AWS::IAM::Policy')
    .filter(({ Properties }) => list(Properties['Roles']).some((each) => asText(each).includes(role)))
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));
}

const rights = rightsOf('FunctionsqueryRole');
const of = (action: string) => rights.filter((statement) => actionsOf(statement).includes(action));

describe('the function that answers questions', () => {
  it('reads tables, lists of leaves and nothing else', () => {
    expect([...new Set(rights.flatMap(actionsOf))].toSorted()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetObjectVersion',
      's3:ListBucketVersions',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('reaches no approval and no verified request, whose task tokens end waits', () => {
    const rows = of('dynamodb:BatchGetItem');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.Condition).toEqual({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RUN#*', 'OPEN#*', 'IDENTITY#*'] },
    });
  });

  it('finds by the indexes of runs and of identities, and by no other index', () => {
    const indexes = of('dynamodb:Query')
      .flatMap(({ Resource }) => list(Resource).map(asText))
      .filter((on) => on.includes('/index/'))
      .map((on) => on.split('/index/')[1] ?? '');
    expect(indexes.toSorted()).toEqual([...runIndexes, 'enrolled'].toSorted());
  });

  it('reads of the bucket only which records are sealed, and which wait to be', () => {
    expect(of('s3:GetObjectVersion').flatMap(({ Resource }) => list(Resource).map(asText))).toEqual([
      expect.stringMatching(/\/leaves\/\*$/),
      expect.stringMatching(/\/spill\/\*$/),
    ]);
  });
});

import { resourcesOf, soundPolicy, synthesise } from '../support/synth';
import { statementsIn } from '../support/template';

const { workflow } = synthesise({ 'orders.yaml': soundPolicy });
const rules = resourcesOf(workflow, 'AWS::Events::Rule');
const started = rules.find(({ Properties }) => Properties['Name'] === 'gapless-started');

it('starts of the machines that people may start are heard from the API log, and no others', () => {
  const pattern = started?.Properties['EventPattern'];
  expect(pattern).toMatchObject({
    source: ['aws.states'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: { eventSource: ['states.amazonaws.com'], eventName: ['StartExecution'] },
  });
  const text = JSON.stringify(pattern);
  for (const machine of ['rotation', 'revocation', 'bulk'])
    expect(text).toContain(`{"Ref":"${machine}Machine`);
  expect(text.match(/"Ref":"\w+Machine/g)).toHaveLength(3);
});

it('the function that hears of them is called by that rule alone', () => {
  const calls = resourcesOf(workflow, 'AWS::Lambda::Permission').filter(({ Properties }) =>
    JSON.stringify(Properties['FunctionName']).includes('confirm'),
  );
  expect(calls.map(({ Properties }) => Properties)).toMatchObject([
    { Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: expect.anything() },
  ]);
});

it('and writes records of runs and rows of runs, and nothing that an approval or a request is', () => {
  const rights = resourcesOf(workflow, 'AWS::IAM::Policy')
    .filter(({ Properties }) => JSON.stringify(Properties['Roles']).includes('Functionsconfirm'))
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));
  const writes = rights.filter(({ Action }) => /dynamodb:(Put|Update|Delete)/.test(String(Action)));
  const keys = writes.map(
    ({ Condition }) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'],
  );
  expect(keys.map((each) => [each].flat().join(' ')).toSorted()).toEqual([
    'OPEN#* RUN#* IDENTITY#*',
    'RUN#*',
  ]);
  expect(JSON.stringify(rights)).not.toMatch(/dynamodb:Delete|"states:|secretsmanager:|kms:/);
});

import * as z from 'zod/mini';
import { acknowledgements } from '../../lib/security/acknowledgements';
import { judge, sentenceOf } from '../../lib/security/finding';
import { walk } from '../../lib/security/walk';
import { soundPolicy, stubbedApp, TODAY } from '../support/synth';
import { templatesOf } from '../support/whole-app';

const schema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z._default(z.record(z.string(), z.unknown()), {}) }),
  ),
});
type Written = z.infer<typeof schema>['Resources'];

const whole = templatesOf(stubbedApp({ 'orders.yaml': soundPolicy }));

/** What the walk says about templates after something was changed in those of one stack. */
function sentencesAfter(stack: string, change: (resources: Written) => void): readonly string[] {
  const changed = whole.map(({ stack: name, template }) => ({
    stack: name,
    template: schema.parse(template),
  }));
  const found = changed.find((each) => each.stack === stack);
  if (found !== undefined) change(found.template.Resources);
  return judge(walk(changed), acknowledgements, TODAY).open.map((each) => sentenceOf(each));
}

const role = (name: string, statement: object) => (resources: Written) => {
  const [id] = Object.keys(resources).filter((each) => each.startsWith(`Functions${name}Role`));
  resources['Added'] = {
    Type: 'AWS::IAM::Policy',
    Properties: { Roles: [{ Ref: id }], PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } },
  };
};
const evidence = { 'Fn::ImportValue': 'GaplessEvidence:ExportsOutputFnGetAttEvidence4CC26D68Arn9E0A376E' };
const at = (type: string, change: (properties: Record<string, unknown>) => void) => (resources: Written) => {
  const [found] = Object.values(resources).filter((each) => each.Type === type);
  if (found) change(found.Properties);
};
const put = (conditions: object) => ({ Action: 'dynamodb:PutItem', Resource: evidence, ...conditions });
const leading = (...keys: string[]) => ({
  Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
});

function trusting(principal: object) {
  return (properties: Record<string, unknown>): void => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal };
    properties['AssumeRolePolicyDocument'] = { Statement: [statement] };
  };
}

const reading = JSON.stringify({
  StartAt: 'Read',
  States: {
    Read: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:secretsmanager:getSecretValue', End: true },
  },
});

describe('the walk', () => {
  it('finds nothing in the app as it is', () => {
    expect(sentencesAfter('GaplessWorkflow', () => undefined)).toEqual([]);
  });

  it.each<[string, (resources: Written) => void, RegExp]>([
    [
      'an action with a wildcard inside',
      role('open', { Action: 's3:Get*', Resource: 'arn:aws:s3:::a/b' }),
      /Added: wildcard-action: s3:Get\*/,
    ],
    [
      'a resource of everything',
      role('open', { Action: 's3:GetObject', Resource: '*' }),
      /Added: wildcard-resource: \* for s3:GetObject/,
    ],
    [
      'secrets without their tag',
      role('open', {
        Action: 'secretsmanager:GetSecretValue',
        Resource: 'arn:aws:secretsmanager:us-east-1:1:secret:*',
      }),
      /Added: wildcard-resource/,
    ],
    [
      'NotAction',
      role('open', { NotAction: 'iam:PassRole', Resource: 'arn:aws:s3:::a/b' }),
      /Added: inverted-statement: NotAction/,
    ],
    [
      'an import nobody exports',
      role('open', { Action: 's3:GetObject', Resource: { 'Fn::ImportValue': 'Gone' } }),
      /Added: unknown-import/,
    ],
    [
      'a sealer that reads administrators',
      role('seal', {
        Action: 'secretsmanager:GetSecretValue',
        Resource: 'arn:aws:secretsmanager:us-east-1:1:secret:admin',
      }),
      /FunctionssealRole\w+: powers-not-separated: target admin and sign/,
    ],
    [
      'a mutator that approves',
      role('stubkinddefaultmutator', {
        Action: 'states:SendTask*',
        Resource: 'arn:aws:states:us-east-1:1:stateMachine:a',
      }),
      /mutatorRole\w+: powers-not-separated: target admin and approve/,
    ],
    [
      'a mutator that writes proofs',
      role('stubkinddefaultmutator', put(leading('PROOF#*'))),
      /mutatorRole\w+: evidence-chains-not-separated: target admin and the proof chain/,
    ],
    [
      'a prober that writes the chain of runs',
      role('stubkinddefaultprober', put(leading('RUN#*'))),
      /proberRole\w+: evidence-chains-not-separated: PROOF#\* and RUN#\*/,
    ],
    ['records without leading keys', role('open', put({})), /openRole\w+: evidence-without-leading-keys/],
    [
      'PartiQL at evidence',
      role('open', { Action: 'dynamodb:PartiQLUpdate', Resource: evidence }),
      /openRole\w+: evidence-not-append-only: dynamodb:PartiQLUpdate/,
    ],
    [
      'a role without a boundary',
      at('AWS::IAM::Role', (role_) => delete role_['PermissionsBoundary']),
      /Role\w+: no-boundary/,
    ],
    [
      'a managed policy of AWS',
      at(
        'AWS::IAM::Role',
        (role_) => (role_['ManagedPolicyArns'] = ['arn:aws:iam::aws:policy/AdministratorAccess']),
      ),
      /foreign-policy: arn:aws:iam::aws:policy\/AdministratorAccess/,
    ],
    [
      'trust of another account',
      at('AWS::IAM::Role', trusting({ AWS: 'arn:aws:iam::999999999999:root' })),
      /trust-foreign: arn:aws:iam::999999999999:root/,
    ],
    [
      'trust of a service without its source',
      at('AWS::IAM::Role', trusting({ Service: 'states.amazonaws.com' })),
      /trust-without-source: states\.amazonaws\.com without aws:SourceArn/,
    ],
    [
      'an access key',
      (resources) => (resources['Added'] = { Type: 'AWS::IAM::AccessKey', Properties: {} }),
      /Added: long-lived-identity/,
    ],
    [
      'a function URL without a signature',
      at('AWS::Lambda::Url', (url) => (url['AuthType'] = 'NONE')),
      /open-url: NONE/,
    ],
    [
      'a log with execution data',
      at(
        'AWS::StepFunctions::StateMachine',
        (machine) => void (machine['LoggingConfiguration'] = { Level: 'ALL', IncludeExecutionData: true }),
      ),
      /rotationMachine\w+: log-settings/,
    ],
    [
      'a state that reads a secret',
      at('AWS::StepFunctions::StateMachine', (machine) => (machine['DefinitionString'] = reading)),
      /rotationMachine\w+: secret-in-state: state Read: calls .*getSecretValue/,
    ],
    [
      'a password in the environment',
      at(
        'AWS::Lambda::Function',
        (lambda) => (lambda['Description'] = '{{resolve:secretsmanager:db:SecretString:password}}'),
      ),
      /secret-in-template/,
    ],
  ])('names %s', (_, change, sentence) => {
    expect(sentencesAfter('GaplessWorkflow', change)).toContainEqual(expect.stringMatching(sentence));
  });

  it('does not pass over evidence it cannot find', () => {
    const found = walk(whole.filter(({ stack }) => stack !== 'GaplessEvidence'));
    expect(found.map(({ rule }) => rule)).toContain('evidence-table-unknown');
  });
});

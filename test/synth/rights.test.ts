import * as z from 'zod/mini';
import {
  asText,
  resourcesOf,
  soundPolicy,
  statementsIn,
  stubDescriptor,
  synthesise,
  type Resource,
  type Statement,
} from '../support/synth';

const networks = {
  default: {},
  'vpc-a': { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
};
const inVpc = {
  ...soundPolicy,
  id: 'billing-db',
  secret: 'gapless/billing-db',
  target: { ...soundPolicy.target, network: 'vpc-a' },
};
const { evidence, workflow } = synthesise(
  { 'orders.yaml': soundPolicy, 'billing.yaml': inVpc },
  { networks },
);
const functions = resourcesOf(workflow, 'AWS::Lambda::Function');

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const actionsOf = (statement: Statement): readonly string[] => list(statement.Action).map(String);
const statementsOf = ({ Properties }: Resource): readonly Statement[] =>
  statementsIn(Properties['PolicyDocument']);

/** What the role of a function may do. */
function rightsOf(name: string): readonly Statement[] {
  const found = functions.find(({ Properties }) => Properties['FunctionName'] === name);
  const role = asText(found?.Properties['Role']).replace('.Arn', '');
  return resourcesOf(workflow, 'AWS::IAM::Policy')
    .filter(({ Properties }) => list(Properties['Roles']).some((each) => asText(each) === role))
    .flatMap((policy) => statementsOf(policy));
}

const names = functions.map(({ Properties }) => String(Properties['FunctionName'])).toSorted();
const actions = (name: string): readonly string[] =>
  rightsOf(name).flatMap((statement) => actionsOf(statement));
const leadingKeys = (name: string): readonly unknown[] =>
  rightsOf(name).flatMap(({ Condition }) =>
    list(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []),
  );
const usesFor = (name: string, action: string): readonly string[] =>
  rightsOf(name)
    .filter((statement) => actionsOf(statement).includes(`secretsmanager:${action}`))
    .flatMap(({ Condition }) => list(Condition?.['StringEquals']?.['secretsmanager:ResourceTag/gapless:use']))
    .map(String)
    .toSorted();

const serviceOf = (principal: Statement['Principal']) => z.optional(z.string()).parse(principal?.['Service']);

const ends = (statement: Statement) =>
  actionsOf(statement).some((action) => /^states:(SendTask|\*)/.test(action));

const called = (role: string) =>
  resourcesOf(workflow, 'AWS::IAM::Policy')
    .filter(({ Properties }) => list(Properties['Roles']).some((each) => asText(each).includes(role)))
    .flatMap((policy) => statementsOf(policy))
    .map(({ Action, Resource: on, Condition }) => ({ Action, on: asText(on), Condition }));
const both = (name: string) => [
  {
    Action: 'lambda:InvokeFunctionUrl',
    on: expect.stringContaining(name),
    Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  },
  {
    Action: 'lambda:InvokeFunction',
    on: expect.stringContaining(name),
    Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  },
];

describe('functions', () => {
  it('exist once for the core, once per network for consumers, once per kind and network for mutator and prober', () => {
    expect(names).toEqual([
      'gapless-approval',
      'gapless-bulk',
      'gapless-close',
      'gapless-confirm',
      'gapless-decisions',
      'gapless-default-consumers',
      'gapless-open',
      'gapless-promote',
      'gapless-query',
      'gapless-requests',
      'gapless-seal',
      'gapless-settle',
      'gapless-stub-kind-default-mutator',
      'gapless-stub-kind-default-prober',
      'gapless-stub-kind-vpc-a-mutator',
      'gapless-stub-kind-vpc-a-prober',
      'gapless-sweep',
      'gapless-vpc-a-consumers',
    ]);
  });

  it('run in the subnets of their network', () => {
    const placed = functions.filter(({ Properties }) => Properties['VpcConfig'] !== undefined);
    expect(placed.map(({ Properties }) => Properties['FunctionName'])).toHaveLength(3);
    expect(placed[0]?.Properties['VpcConfig']).toEqual({
      SubnetIds: ['subnet-0a1b2c3d'],
      SecurityGroupIds: ['sg-0a1b2c3d'],
    });
  });

  it('have a role each, none shared', () => {
    expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties['Role']))).size).toBe(
      functions.length,
    );
  });
});

describe('a kind whose target is AWS', () => {
  const keys = {
    role: 'mutator',
    actions: ['iam:UpdateAccessKey'],
    resources: ['arn:{partition}:iam::{account}:user/orders'],
    conditions: { StringEquals: { 'aws:ResourceTag/gapless:use': ['identity'] } },
  } as const;
  const made = (right: object) =>
    synthesise(
      { 'orders.yaml': soundPolicy },
      { descriptors: [{ ...stubDescriptor, aws: [{ ...keys, ...right }] }] },
    );

  it('gives its mutator exactly what it declares, below a boundary of its own, and nobody else anything', () => {
    const template = made({}).workflow;
    const granting = resourcesOf(template, 'AWS::IAM::Policy').filter((policy) =>
      statementsOf(policy).some((statement) => actionsOf(statement).includes('iam:UpdateAccessKey')),
    );
    expect(granting).toHaveLength(1);
    expect(
      statementsOf(granting[0] ?? { Type: '', Properties: {} }).find(({ Sid }) => Sid === 'Target0'),
    ).toMatchObject({
      Condition: keys.conditions,
    });
    const boundaries = resourcesOf(template, 'AWS::IAM::ManagedPolicy');
    const lets = boundaries.filter((policy) => statementsOf(policy).some(({ Sid }) => Sid === 'Target0'));
    expect([boundaries.length, lets.length]).toEqual([2, 1]);
    const uses = resourcesOf(template, 'AWS::IAM::Role').map(({ Properties }) =>
      asText(Properties['PermissionsBoundary']),
    );
    expect(uses.filter((boundary) => boundary.includes('stubkind'))).toHaveLength(1);
  });

  it.each([[{ actions: ['iam:*'] }], [{ resources: ['*'] }]])('may not declare %j', (right) => {
    expect(() => made(right)).toThrow(/want actions and resources by name/);
  });
});

describe('rights', () => {
  const policies = resourcesOf(workflow, 'AWS::IAM::Policy');
  const managed = resourcesOf(workflow, 'AWS::IAM::ManagedPolicy');
  const granted = [...policies, ...managed]
    .flatMap((policy) => statementsOf(policy))
    .filter(({ Effect }) => Effect === 'Allow');

  it('name every action they give', () => {
    expect(
      granted.flatMap((statement) => actionsOf(statement)).filter((action) => action.includes('*')),
    ).toEqual([]);
  });

  it('name what they are for, but for actions that know no resource', () => {
    const everywhere = policies
      .flatMap((policy) => statementsOf(policy))
      .filter(({ Resource: on }) => list(on).includes('*'));
    const allowed =
      /^(logs:(.*LogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)|ec2:.*|xray:(Put|GetSampling).*)$/;
    expect(
      everywhere.flatMap((statement) => actionsOf(statement)).filter((action) => !allowed.test(action)),
    ).toEqual([]);
  });

  it('let probers alone make proofs; Settle, which touches no target, carries those of both chains that were kept', () => {
    for (const name of names) {
      const writes = name.endsWith('-prober')
        ? ['PROOF#*']
        : name.endsWith('-sweep')
          ? ['POLICY#*']
          : name.endsWith('-requests')
            ? ['REQUEST#*']
            : name.endsWith('-seal')
              ? ['OPEN#*', 'RUN#*', 'SEALER']
              : name.endsWith('-query')
                ? []
                : name.endsWith('-settle')
                  ? ['RUN#*', 'PROOF#*']
                  : ['RUN#*'];
      // Rows that go with a run of its own: markers, summaries and the lease it gives back.
      const runs = /-(bulk|confirm)$/.test(name) ? ['OPEN#*', 'RUN#*'] : [];
      const rows = name.endsWith('-confirm') ? [...runs, 'IDENTITY#*'] : runs;
      // Consumers talk to endpoints that may be hostile: in the registry they only claim identities.
      const claims = name.endsWith('-consumers') ? ['IDENTITY#*'] : [];
      // What `query` reads is bound too; it writes nothing (query.test.ts).
      const bound = name.endsWith('-query') ? [] : leadingKeys(name);
      expect([name, bound]).toEqual([name, [...writes, ...rows, ...claims]]);
    }
  });

  it('bind every write of evidence to a leading key', () => {
    const table = /FnGetAttEvidence/;
    const writes = names
      .flatMap((name) => rightsOf(name))
      .filter((statement) => list(statement.Resource).some((on) => table.test(asText(on))))
      .filter((statement) => actionsOf(statement).some((action) => !/:(GetItem|Query)$/.test(action)));
    expect(
      writes.flatMap((statement) => actionsOf(statement)).every((action) => action === 'dynamodb:PutItem'),
    ).toBe(true);
    expect(
      writes.every(
        ({ Condition }) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] !== undefined,
      ),
    ).toBe(true);
  });

  it('let promote move labels of identities without reading a value', () => {
    expect(actions('gapless-promote')).not.toContain('secretsmanager:GetSecretValue');
    expect(usesFor('gapless-promote', 'UpdateSecretVersionStage')).toEqual(['identity']);
    expect(names.filter((name) => actions(name).includes('secretsmanager:UpdateSecretVersionStage'))).toEqual(
      ['gapless-promote'],
    );
  });

  it('give admin secrets to mutators alone, and control secrets to probers alone', () => {
    for (const name of names) {
      const read = name.endsWith('-mutator')
        ? ['admin', 'identity']
        : name.endsWith('-prober')
          ? ['control', 'identity']
          : [];
      expect([name, usesFor(name, 'GetSecretValue')]).toEqual([name, read]);
      expect(actions(name).includes('kms:GenerateMac')).toBe(name.endsWith('-mutator'));
    }
  });

  it('keep open, bulk, approval, the API, close, settle and consumers away from secrets', () => {
    for (const role of [
      'open',
      'bulk',
      'approval',
      'requests',
      'decisions',
      'query',
      'close',
      'settle',
      'default-consumers',
    ]) {
      const name = `gapless-${role}`;
      expect(actions(name).filter((action) => action.startsWith('secretsmanager:'))).toEqual([]);
    }
  });

  it('let probers read the registry and nothing more', () => {
    expect(
      actions('gapless-stub-kind-default-prober').filter((action) => /dynamodb:(Update|Delete)/.test(action)),
    ).toEqual([]);
  });

  it('let core functions alone tell what happened, on the default bus', () => {
    const telling = names.filter((name) => actions(name).includes('events:PutEvents'));
    expect(telling).toEqual(
      ['approval', 'bulk', 'close', 'confirm', 'decisions', 'open', 'settle'].map(
        (role) => `gapless-${role}`,
      ),
    );
    const tell = rightsOf('gapless-close').find(({ Sid }) => Sid === 'Tell');
    expect(asText(tell?.Resource)).toBe('arn:aws:events:us-east-1:000000000000:event-bus/default');
  });

  it('let nobody but decisions end a wait, and decisions start or touch nothing', () => {
    const granted = policies.filter((policy) => statementsOf(policy).some(ends));
    expect(granted).toHaveLength(1);
    expect(rightsOf('gapless-decisions').filter(ends)).toMatchObject([
      { Sid: 'EndWaits', Effect: 'Allow', Action: 'states:SendTaskSuccess' },
    ]);
    expect(
      actions('gapless-decisions').filter((action) =>
        /^(secretsmanager|kms|lambda|states:Start)/.test(action),
      ),
    ).toEqual([]);
    expect(
      actions('gapless-requests').filter((action) =>
        /^(secretsmanager|kms|lambda|states:SendTask)/.test(action),
      ),
    ).toEqual([]);
  });

  it('keep who asks, who decides and who reads apart: a role each, and each calls one URL', () => {
    expect(called('Requester')).toEqual(both('requests'));
    expect(called('Approver')).toEqual(both('decisions'));
    expect(called('Auditor')).toEqual(both('query'));
    const urls = resourcesOf(workflow, 'AWS::Lambda::Url');
    expect(urls.map(({ Properties }) => Properties['AuthType'])).toEqual(Array(3).fill('AWS_IAM'));
  });

  it('let only settle and requests start executions, each its own machines', () => {
    expect(names.filter((name) => actions(name).includes('states:StartExecution'))).toEqual([
      'gapless-requests',
      'gapless-settle',
    ]);
    const asked = rightsOf('gapless-requests').find(({ Sid }) => Sid === 'StartRuns');
    expect(list(asked?.Resource).map(asText)).toEqual([
      'arn:aws:states:us-east-1:000000000000:stateMachine:gapless-bulk',
      'arn:aws:states:us-east-1:000000000000:stateMachine:gapless-revocation',
      'arn:aws:states:us-east-1:000000000000:stateMachine:gapless-rotation',
    ]);
    const start = rightsOf('gapless-settle').find(({ Sid }) => Sid === 'StartSettle');
    const machines = ['gapless-bulk', 'gapless-settle'];
    expect(
      list(start?.Resource)
        .map((each) => asText(each))
        .toSorted(),
    ).toEqual(machines.map((name) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`));
  });

  it('stay below a boundary that denies identities, role chaining, key deletion and changes of records', () => {
    const roles = resourcesOf(workflow, 'AWS::IAM::Role');
    expect(roles.every(({ Properties }) => Properties['PermissionsBoundary'] !== undefined)).toBe(true);
    const denied = managed
      .flatMap((policy) => statementsOf(policy))
      .filter(({ Effect }) => Effect === 'Deny')
      .flatMap((each) => actionsOf(each));
    expect(denied).toEqual(
      expect.arrayContaining([
        'iam:*',
        'sts:AssumeRole',
        'kms:Schedule*',
        'dynamodb:DeleteItem',
        'dynamodb:UpdateItem',
      ]),
    );
    const most = managed
      .flatMap((policy) => statementsOf(policy))
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap((each) => actionsOf(each));
    expect(
      policies
        .flatMap((policy) => statementsOf(policy))
        .flatMap((each) => actionsOf(each))
        .filter((action) => !most.includes(action)),
    ).toEqual([]);
  });

  it('trust Step Functions and Scheduler only on behalf of this account', () => {
    const services = resourcesOf(workflow, 'AWS::IAM::Role')
      .flatMap(({ Properties }) => statementsIn(Properties['AssumeRolePolicyDocument']))
      .filter(({ Principal }) => !['lambda.amazonaws.com', undefined].includes(serviceOf(Principal)));
    expect(new Set(services.map(({ Principal }) => Principal?.['Service']))).toEqual(
      new Set(['scheduler.amazonaws.com', 'states.amazonaws.com']),
    );
    for (const { Condition } of services) {
      expect(asText(Condition?.['StringEquals']?.['aws:SourceAccount'])).toBe('000000000000');
      expect(JSON.stringify(Condition)).toContain('aws:SourceArn');
    }
  });
});

describe('stores', () => {
  it('outlive the stack and refuse to be deleted', () => {
    const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key'].flatMap((type) =>
      resourcesOf(evidence, type),
    );
    expect(kept.map((each) => each['DeletionPolicy'])).toEqual([
      'Retain',
      'Retain',
      'Retain',
      'Retain',
      'Retain',
      'Retain',
    ]);
    for (const { Properties } of resourcesOf(evidence, 'AWS::DynamoDB::GlobalTable')) {
      expect(Properties['Replicas']).toMatchObject([
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ]);
    }
  });

  it('deny every change of a record to everybody', () => {
    const [table] = resourcesOf(evidence, 'AWS::DynamoDB::GlobalTable').filter(
      ({ Properties }) => Properties['GlobalSecondaryIndexes'] === undefined,
    );
    expect(table?.Properties['Replicas']).toMatchObject([
      { ResourcePolicy: { PolicyDocument: { Statement: [{ Effect: 'Deny', Principal: { AWS: '*' } }] } } },
    ]);
    for (const action of ['DeleteItem', 'UpdateItem', 'BatchWriteItem', 'PartiQLUpdate']) {
      expect(JSON.stringify(table)).toContain(`"dynamodb:${action}"`);
    }
  });
});

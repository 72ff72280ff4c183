import { asText, type Resource, resourcesOf, soundApp, type Statement, statementsIn } from '../support/synth';

const { evidence, workflow } = soundApp();
const SEALER = 'arn:aws:iam::000000000000:role/gapless-seal-us-east-1';

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const actionsOf = ({ Action }: Statement): readonly string[] => list(Action).map(String);
const statementsOf = ({ Properties }: Resource): readonly Statement[] =>
  statementsIn(Properties['PolicyDocument']);

const sealerRole = Object.entries(workflow.Resources).find(
  ([, { Type, Properties }]) =>
    Type === 'AWS::IAM::Role' &&
    Properties['RoleName'] !== undefined &&
    asText(Properties['RoleName']) === 'gapless-seal-us-east-1',
)?.[0];
const grants = resourcesOf(workflow, 'AWS::IAM::Policy').flatMap((policy) =>
  list(policy.Properties['Roles']).flatMap((role) =>
    statementsOf(policy).map((statement) => ({ role: asText(role), statement })),
  ),
);
const rights = grants.filter(({ role }) => role === `<${sealerRole}>`).map(({ statement }) => statement);

describe('the signing key', () => {
  const [key] = resourcesOf(evidence, 'AWS::KMS::Key').filter(
    ({ Properties }) => Properties['KeySpec'] === 'ECC_NIST_P256',
  );

  it('signs and nothing else, and outlives the stack', () => {
    expect(key).toMatchObject({ DeletionPolicy: 'Retain', Properties: { KeyUsage: 'SIGN_VERIFY' } });
  });

  it('denies everybody but the role of the sealer', () => {
    const denial = statementsIn(key?.Properties['KeyPolicy']).find(({ Effect }) => Effect === 'Deny');
    expect(denial).toMatchObject({ Principal: { AWS: '*' }, Action: 'kms:Sign' });
    expect(Object.keys(denial?.Condition ?? {})).toEqual(['StringNotEquals']);
    expect(asText(denial?.Condition?.['StringNotEquals']?.['aws:PrincipalArn'])).toBe(SEALER);
  });

  it('may be used by one role of the app, which is the function that seals', () => {
    const signing = grants.filter(({ statement }) => actionsOf(statement).includes('kms:Sign'));
    expect(signing.map(({ role }) => role)).toEqual([`<${sealerRole}>`]);
    expect(list(signing[0]?.statement.Resource).map(asText)).toEqual([expect.stringContaining('Signing')]);
    const [seal] = resourcesOf(workflow, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties['FunctionName'] === 'gapless-seal',
    );
    expect(asText(seal?.Properties['Role'])).toBe(`<${sealerRole}.Arn>`);
  });
});

describe('the sealer', () => {
  it('starts nothing, touches no secret, invokes nobody and writes no evidence', () => {
    const services = rights.flatMap(actionsOf).map((action) => action.split(':')[0]);
    expect(new Set(services)).toEqual(new Set(['dynamodb', 'kms', 'logs', 's3', 'xray']));
    const onRecords = rights.filter(({ Resource: on }) =>
      list(on).some((each) => /Evidence/.test(asText(each))),
    );
    const tables = onRecords.flatMap(actionsOf).filter((action) => action.startsWith('dynamodb:'));
    expect(rights.find(({ Sid }) => Sid === 'ReadEvidence')?.Action).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
    ]);
    expect(tables.length).toBeGreaterThan(0);
  });

  it('changes rows of markers, runs and its own claim, and no identity', () => {
    const writes = rights.filter((statement) =>
      actionsOf(statement).some((action) => /^dynamodb:(Put|Update|Delete)/.test(action)),
    );
    expect(writes.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['OPEN#*', 'RUN#*', 'SEALER'] } },
    ]);
  });

  it('alone writes sealed objects, which the bucket takes once only', () => {
    const folders = ['leaves/*', 'tile/*', 'checkpoint/*', 'pulse/*'];
    const puts = grants.filter(({ statement }) => actionsOf(statement).includes('s3:PutObject'));
    const written = puts.filter(({ statement }) =>
      list(statement.Resource).some((on) => folders.some((folder) => asText(on).endsWith(folder))),
    );
    expect(new Set(written.map(({ role }) => role))).toEqual(new Set([`<${sealerRole}>`]));
    const [policy = []] = resourcesOf(evidence, 'AWS::S3::BucketPolicy').map(statementsOf);
    const once = list(policy.find(({ Sid }) => Sid === 'WrittenOnce')?.Resource).map(asText);
    for (const folder of folders)
      expect(once).toContainEqual(expect.stringMatching(new RegExp(`/${folder.replace('*', '\\*')}$`)));
  });
});

describe('the bucket', () => {
  it('is locked, versioned, private, undeletable, and written once where that matters', () => {
    const [bucket] = resourcesOf(evidence, 'AWS::S3::Bucket');
    expect(bucket?.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    });
    const [policy] = resourcesOf(evidence, 'AWS::S3::BucketPolicy').map((each) => statementsOf(each));
    const once = policy?.find(({ Sid }) => Sid === 'WrittenOnce');
    expect(once).toMatchObject({
      Effect: 'Deny',
      Action: 's3:PutObject',
      Condition: { Null: { 's3:if-none-match': 'true' } },
    });
    expect(policy?.find(({ Sid }) => Sid === 'ObjectsStay')?.Action).toContain('s3:DeleteObjectVersion');
  });
});

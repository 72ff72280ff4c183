import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { contextOf } from '../../lib/context';
import { loadPolicies } from '../../lib/policies';
import { descriptors } from '../../connectors/descriptors.generated';
import { environmentOf, resourcesOf, soundPolicy, synthesise, TODAY } from '../support/synth';
import { asText } from '../support/template';

const root = path.join(__dirname, '..', '..');
process.env['CDK_VALIDATION'] = 'true';
const { evidence, workflow, warnings } = synthesise({ 'orders.yaml': soundPolicy });
process.env['CDK_VALIDATION'] = 'false';

describe('the app', () => {
  it('synthesises without a warning', () => {
    expect(warnings).toEqual([]);
  });

  it('gives the same template for the same sources', () => {
    const again = synthesise({ 'orders.yaml': soundPolicy });
    expect(JSON.stringify(again.workflow)).toBe(JSON.stringify(workflow));
    expect(JSON.stringify(again.evidence)).toBe(JSON.stringify(evidence));
  });

  it('brings no function but its own', () => {
    const roles = resourcesOf(workflow, 'AWS::Lambda::Function').map((lambda) =>
      String(environmentOf(lambda)['GAPLESS_ROLE']),
    );
    expect(roles.toSorted()).toEqual([
      'approval',
      'bulk',
      'close',
      'confirm',
      'consumers',
      'decisions',
      'mutator',
      'open',
      'prober',
      'promote',
      'query',
      'requests',
      'seal',
      'settle',
      'sweep',
    ]);
    expect(resourcesOf(evidence, 'AWS::Lambda::Function')).toEqual([]);
  });

  it('tells each function what it works on, and the hash of its own code', () => {
    for (const lambda of resourcesOf(workflow, 'AWS::Lambda::Function')) {
      const variables = environmentOf(lambda);
      expect(asText(variables['LEDGER_ID'])).toBe('gapless/aws/000000000000/us-east-1/GaplessWorkflow');
      expect(variables).toMatchObject({
        BUNDLE_SHA256: expect.stringMatching(/^[0-9a-f]{64}$/),
        TIMEOUT_SECONDS: String(lambda.Properties['Timeout']),
        POLICIES_REVISION: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
      expect('FINGERPRINT_KEY' in variables).toBe(variables['GAPLESS_ROLE'] === 'mutator');
      expect('SIGNING_KEY' in variables).toBe(variables['GAPLESS_ROLE'] === 'seal');
      const reads = ['seal', 'query'].includes(String(variables['GAPLESS_ROLE']));
      expect('SEALED_BUCKET' in variables).toBe(reads);
      expect('SETTLE_MACHINE' in variables).toBe(variables['GAPLESS_ROLE'] === 'settle');
    }
  });

  it('starts Sweep, Settle and Seal every minute', () => {
    const schedules = resourcesOf(workflow, 'AWS::Scheduler::Schedule').map(({ Properties }) => Properties);
    expect(schedules.map((each) => [each['Name'], each['ScheduleExpression']])).toEqual([
      ['gapless-sweep', 'rate(1 minute)'],
      ['gapless-settle', 'rate(1 minute)'],
      ['gapless-seal', 'rate(1 minute)'],
    ]);
  });
});

describe('alarms', () => {
  const alarms = resourcesOf(workflow, 'AWS::CloudWatch::Alarm').map(({ Properties }) => ({
    name: String(Properties['AlarmName']).replace('gapless-', ''),
    description: String(Properties['AlarmDescription']),
    actions: Properties['AlarmActions'],
  }));

  it('have a runbook each, which they name, and no runbook is without its alarm', () => {
    for (const { name, description } of alarms) expect(description).toContain(`docs/runbooks/${name}.md`);
    const pages = fs
      .readdirSync(path.join(root, 'docs', 'runbooks'))
      .map((file) => file.replace('.md', ''))
      // Those of the witness's own stack: witness.test.ts.
      .filter((name) => !name.startsWith('witness-'));
    expect(pages.toSorted()).toEqual(alarms.map(({ name }) => name).toSorted());
  });

  it('say in their runbook what they mean, what to look at and what to do', () => {
    for (const { name } of alarms) {
      const page = fs.readFileSync(path.join(root, 'docs', 'runbooks', `${name}.md`), 'utf8');
      for (const part of ['**What it says.**', '## What to look at', '## What to do'])
        expect(page).toContain(part);
    }
  });

  it('notify a topic when the context names one', () => {
    const alarmTopicArn = 'arn:aws:sns:us-east-1:000000000000:on-call';
    const told = resourcesOf(synthesise({}, { alarmTopicArn }).workflow, 'AWS::CloudWatch::Alarm');
    expect(told.map(({ Properties }) => Properties['AlarmActions'])).toEqual(
      alarms.map(() => [alarmTopicArn]),
    );
    expect(alarms.every(({ actions }) => actions === undefined)).toBe(true);
  });
});

describe('the context', () => {
  it('has a default for everything', () => {
    expect(contextOf('{}')).toEqual({
      policies: 'policies',
      networks: { default: {} },
      bulk: { approvalAbove: 25, atOnce: 40 },
      retention: { mode: 'compliance', days: 400 },
    });
  });

  it('takes networks from cdk.json, and from -c as JSON', () => {
    const networks = { default: {}, 'vpc-a': { subnetIds: ['subnet-0a1b2c3d'] } };
    expect(contextOf(JSON.stringify({ networks })).networks).toEqual(networks);
    expect(contextOf(JSON.stringify({ networks: JSON.stringify(networks) })).networks).toEqual(networks);
  });

  it('sets how many a bulk revocation may revoke without an approval, and how many at once', () => {
    expect(contextOf('{"bulk":{"approvalAbove":5}}').bulk).toEqual({ approvalAbove: 5, atOnce: 40 });
    expect(() => contextOf('{"bulk":{"atOnce":0}}')).toThrow(/bulk\.atOnce/);
    const bulk = { approvalAbove: 5, atOnce: 7 };
    const [lambda] = resourcesOf(synthesise({}, { bulk }).workflow, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties['FunctionName'] === 'gapless-bulk',
    );
    expect(lambda && environmentOf(lambda)).toMatchObject({ BULK_APPROVAL_ABOVE: '5', BULK_AT_ONCE: '7' });
  });

  it('is refused in words when a network is misspelt', () => {
    expect(() => contextOf('{"networks":{"default":{"subnetIds":["10.0.0.0/24"]}}}')).toThrow(
      /networks\.default\.subnetIds\.0: want a subnet id/,
    );
  });
});

describe('what is generated', () => {
  it('is up to date', async () => {
    const check = [require.resolve('tsx/cli'), path.join(root, 'bin', 'generate.ts'), '--check'];
    await expect(promisify(execFile)(process.execPath, check, { cwd: root })).resolves.toMatchObject({
      stderr: '',
    });
  });

  it.each(['policies', 'examples/policies'])('fits the policies of %s', (folder) => {
    const source = { dir: path.join(root, folder), descriptors, networks: { default: {} }, today: TODAY };
    expect(loadPolicies(source).warnings).toEqual([]);
  });
});

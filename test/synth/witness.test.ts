import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildApp, WITNESS_STACK, type AppProps } from '../../lib/app';
import { contextOf } from '../../lib/context';
import {
  policiesFolder,
  resourcesOf,
  statementsIn,
  stubDescriptor,
  synthesise,
  TODAY,
} from '../support/synth';
import { asText, environmentOf, templateSchema, type Statement } from '../support/template';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pinned = {
  origin: 'gapless/aws/111111111111/us-east-1/GaplessWorkflow',
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  bucket: 'the-ledger',
};
const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'gapless-witness-'));
afterAll(() => fs.rmSync(outdir, { recursive: true, force: true }));

/** The real function is bundled: it must stand alone. */
function made(props: Partial<AppProps>) {
  const policiesDir = policiesFolder({});
  return buildApp({ policiesDir, outdir, today: TODAY, descriptors: [stubDescriptor], ...props }).synth();
}
const template = templateSchema.parse(made({ witness: pinned }).getStackByName(WITNESS_STACK).template);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const actionsOf = ({ Action }: Statement): readonly string[] => list(Action).map(String);
const rights = resourcesOf(template, 'AWS::IAM::Policy')
  .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']))
  .filter(({ Action }) => !list(Action).includes('lambda:InvokeFunction'));

describe('the stack of the witness', () => {
  it('is told whose checkpoints it follows once, and takes nothing from the ledger', () => {
    const [witness] = resourcesOf(template, 'AWS::Lambda::Function');
    expect(witness && environmentOf(witness)).toMatchObject({
      PINNED_ORIGIN: pinned.origin,
      PINNED_KEY: pinned.publicKey,
      LEDGER_BUCKET: pinned.bucket,
    });
    expect(JSON.stringify(template)).not.toContain('ImportValue');
  });

  it('reads sealed objects of the ledger and writes only its own', () => {
    const onLedger = rights.filter(({ Resource: on }) =>
      list(on).some((each) => asText(each).includes(':the-ledger')),
    );
    expect(new Set(onLedger.flatMap(actionsOf))).toEqual(
      new Set(['s3:GetObjectVersion', 's3:ListBucketVersions']),
    );
    const writes = rights.filter((right) => actionsOf(right).includes('s3:PutObject'));
    expect(writes.flatMap(({ Resource: on }) => list(on).map(asText))).toEqual([
      expect.stringMatching(/\/witness\/\*$/),
    ]);
    const services = rights.flatMap(actionsOf).map((action) => action.split(':')[0]);
    expect(new Set(services)).toEqual(new Set(['dynamodb', 'kms', 'logs', 's3', 'xray']));
  });

  it('signs with a key of its own, which denies everybody else', () => {
    const [key] = resourcesOf(template, 'AWS::KMS::Key');
    const denial = statementsIn(key?.Properties['KeyPolicy']).find(({ Effect }) => Effect === 'Deny');
    expect(denial).toMatchObject({ Action: 'kms:Sign' });
    expect(asText(denial?.Condition?.['StringNotEquals']?.['aws:PrincipalArn'])).toMatch(
      /role\/gapless-witness-us-east-1$/,
    );
  });

  it('looks every minute, and has a runbook for its alarms', () => {
    const [schedule] = resourcesOf(template, 'AWS::Scheduler::Schedule');
    expect(schedule?.Properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)' });
    const names = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(
      ({ Properties }) => Properties['AlarmName'],
    );
    expect(names).toEqual(['gapless-witness-alarm', 'gapless-witness-silent']);
    for (const name of ['witness-alarm', 'witness-silent'])
      expect(fs.existsSync(path.join(__dirname, '..', '..', 'docs', 'runbooks', `${name}.md`))).toBe(true);
  });

  it('outlives the stack with everything it remembers', () => {
    const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key'].flatMap((type) =>
      resourcesOf(template, type).map((each) => each['DeletionPolicy']),
    );
    // The table, the key, the bucket, and the list of who read it.
    expect(kept).toEqual(['Retain', 'Retain', 'Retain', 'Retain']);
  });

  it('is not made over a pin that is no public key, nor from a context that is wrong', () => {
    expect(() => made({ witness: { ...pinned, publicKey: '-----BEGIN PUBLIC KEY-----' } })).toThrow(/P-256/);
    expect(contextOf(JSON.stringify({ witness: JSON.stringify(pinned) })).witness).toEqual(pinned);
    expect(() => contextOf(JSON.stringify({ witness: { ...pinned, publicKey: 'x' } }))).toThrow(
      /witness.publicKey/,
    );
    expect(() => contextOf('{"witnessAccount":"12"}')).toThrow(/12 digits/);
  });
});

/** What the buckets' own policies allow anybody but the service that lists who read them. */
const shown = (given: Partial<AppProps>) =>
  resourcesOf(synthesise({}, given).evidence, 'AWS::S3::BucketPolicy')
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']))
    .filter(({ Effect, Sid }) => Effect === 'Allow' && Sid !== 'AccessLogs');

it('the ledger shows what is sealed to the account of its witness, to read, and to nobody else', () => {
  const allowed = shown({ witnessAccount: '222222222222' });
  expect(allowed.map(({ Principal }) => asText(Principal?.['AWS']))).toEqual(
    allowed.map(() => 'arn:aws:iam::222222222222:root'),
  );
  expect(allowed.flatMap(actionsOf)).toEqual(['s3:GetObjectVersion', 's3:ListBucketVersions']);
  expect(shown({})).toEqual([]);
});

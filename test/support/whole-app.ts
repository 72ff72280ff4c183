import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app';
import type { StackTemplate } from '../../lib/security/template';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const inNetwork = {
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3d'],
  securityGroupIds: ['sg-0a1b2c3d'],
};

/** The whole app as the deploy guide has it: every example policy, a network of one's own, a pager, a witness. */
export function wholeApp(): App {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'gapless-whole-'));
  afterAll(() => fs.rmSync(outdir, { recursive: true, force: true }));
  return buildApp({
    policiesDir: path.join(__dirname, '..', '..', 'examples', 'policies'),
    outdir,
    today: '2026-11-22',
    networks: { default: inNetwork },
    alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:pager',
    witnessAccount: '444455556666',
    witness: {
      origin: 'gapless/aws/111122223333/us-east-1/GaplessWorkflow',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      bucket: 'the-ledger',
    },
  });
}

/** Synthesises an app and reads the templates of all its stacks. */
export function templatesOf(app: App): readonly StackTemplate[] {
  return app
    .synth()
    .stacks.map(({ stackName, template }) => ({ stack: stackName, template: template as unknown }));
}

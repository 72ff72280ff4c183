import path from 'node:path';
import { buildApp } from '../lib/app';
import { contextOf } from '../lib/context';

// Executed by the CDK CLI, which hands over context and the output folder by environment.
const context = contextOf(process.env['CDK_CONTEXT_JSON'] ?? '{}');
const app = buildApp({
  policiesDir: path.resolve(context.policies),
  networks: context.networks,
  bulk: context.bulk,
  retention: context.retention,
  today: new Date().toISOString().slice(0, 10),
  ...(context.witness === undefined ? {} : { witness: context.witness }),
  ...(context.witnessAccount === undefined ? {} : { witnessAccount: context.witnessAccount }),
  ...(context.alarmTopicArn === undefined ? {} : { alarmTopicArn: context.alarmTopicArn }),
});
app.synth();

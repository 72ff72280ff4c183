import { CODE } from './provider-code';
import { DATA } from './provider-data';
import { IDENTITY } from './provider-identity';
import { WORKFLOW } from './provider-workflow';
import { physicalName, type Provider } from './target';

/** Accepted, and nothing happens: they describe AWS's own housekeeping. */
const inert: Provider = async (_properties, id, target) => {
  const name = physicalName(id);
  const arn = `arn:aws:local:${target.place.region}:${target.place.account}:${name}`;
  return { ref: name, attributes: { Arn: arn } };
};

const INERT = [
  'AWS::CDK::Metadata',
  'AWS::Logs::LogGroup',
  'AWS::Logs::ResourcePolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
] as const;

/** Every resource type the engine deploys; any other fails with its name. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  ...DATA,
  ...IDENTITY,
  ...CODE,
  ...WORKFLOW,
  ...Object.fromEntries(INERT.map((type) => [type, inert])),
};

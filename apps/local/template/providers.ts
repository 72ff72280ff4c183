import { DATA } from './provider-data';
import { IDENTITY } from './provider-identity';
import { WORK } from './provider-work';
import type { Provider } from './resource';

/** Accepted, and nothing happens: they describe AWS's own housekeeping. */
const inert: Provider = (_properties, resource) => {
  const name = resource.name();
  return { ref: name, attributes: { Arn: resource.arn('local', name) } };
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
  ...WORK,
  ...Object.fromEntries(INERT.map((type) => [type, inert])),
};

import { createHash } from 'node:crypto';

/** Account and region everything in the engine lives in. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Builds an ARN in the engine's account and region; `sts`, `iam` and `s3` leave out what AWS leaves out. */
export function arn(place: Place, service: string, resource: string): string {
  const region = service === 'iam' || service === 's3' || service === 'sts' ? '' : place.region;
  return `arn:aws:${service}:${region}:${service === 's3' ? '' : place.account}:${resource}`;
}

/** The name at the end of an ARN, or the name itself. */
export function nameOf(nameOrArn: string): string {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  const resource = nameOrArn.split(':').slice(5).join(':');
  return resource.replace(/^[a-zA-Z-]+[:/]/, '').replace(/:\$LATEST$/, '');
}

/** A role's unique id, the same at each deployment (IAM user guide, "Unique identifiers"). */
export function roleIdOf(roleArn: string): string {
  return `AROA${createHash('sha256').update(roleArn).digest('hex').slice(0, 17).toUpperCase()}`;
}

import { createHash } from 'node:crypto';
import type { Caller } from '../service';

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

/** What IAM and STS call somebody: a session of a role, or the account itself. */
export function identityOf(
  place: Place,
  caller: Pick<Caller, 'kind' | 'roleArn' | 'roleName' | 'sessionName'>,
) {
  if (caller.kind === 'admin') return { userId: place.account, userArn: arn(place, 'iam', 'root') };
  const { roleArn, roleName, sessionName } = caller;
  const userArn = arn(place, 'sts', `assumed-role/${roleName}/${sessionName}`);
  return { userId: `${roleIdOf(roleArn)}:${sessionName}`, userArn };
}

/** A role's unique id, the same at each deployment (IAM user guide, "Unique identifiers"). */
export function roleIdOf(roleArn: string): string {
  return `AROA${createHash('sha256').update(roleArn).digest('hex').slice(0, 17).toUpperCase()}`;
}

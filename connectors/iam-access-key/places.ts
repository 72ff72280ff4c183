import type { ProbePath } from '../../core/probe';
import { type IamTarget, targetOf } from './target';

/** A service of a region. */
export interface Place {
  readonly service: 'iam' | 'sts' | 'dynamodb';
  readonly region: string;
}

/** Where IAM itself answers, by partition (AWS General Reference, IAM endpoints). */
const control = {
  aws: { host: 'iam.amazonaws.com', region: 'us-east-1' },
  'aws-cn': { host: 'iam.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' },
  'aws-us-gov': { host: 'iam.us-gov.amazonaws.com', region: 'us-gov-west-1' },
} as const;

/** The partition a target's regions belong to. */
export function partitionOf({ regions: [first = ''] }: IamTarget): keyof typeof control {
  if (first.startsWith('cn-')) return 'aws-cn';
  return first.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** IAM, whose changes are made in one region of a partition. */
export function controlPlane(target: IamTarget): Place {
  return { service: 'iam', region: control[partitionOf(target)].region };
}

/** The data service in each region of a target. */
export function dataPlanes({ regions }: IamTarget): readonly Place[] {
  return regions.map((region) => ({ service: 'dynamodb', region }));
}

/** The URL of a place. */
export function urlOf(target: IamTarget, { service, region }: Place): URL {
  if (target.endpoint !== undefined) return new URL(target.endpoint);
  const partition = partitionOf(target);
  if (service === 'iam') return new URL(`https://${control[partition].host}/`);
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(`https://${service}.${region}.${suffix}/`);
}

/**
 * The ways a key is probed on beside the direct one, which is STS in the first region: STS in the others, and the data
 * service in all. A refusal by STS alone says nothing about services that keep what they knew.
 */
export function pathsOf(target: unknown): readonly ProbePath[] {
  const { regions } = targetOf({ identityId: 'iam-access-key', target });
  const sts = regions.slice(1).map((region) => `sts.${region}`);
  const data = regions.map((region) => `dynamodb.${region}`);
  return [...sts, ...data].map((address) => ({ id: address.replace('.', '-'), address }));
}

/** The place a path leads to. */
export function placeOf({ regions: [first = ''] }: IamTarget, { address }: ProbePath): Place {
  const [service, region] = address?.split('.') ?? [];
  return { service: service === 'dynamodb' ? service : 'sts', region: region ?? first };
}

import { createHash } from 'node:crypto';
import type { Iam } from '../iam/iam';
import type { Lambda } from '../lambda/lambda';
import type { Place } from '../services/arn';
import type { DynamoDb } from '../services/dynamodb';
import type { Events } from '../services/events';
import type { Kms } from '../services/kms';
import type { S3 } from '../services/s3';
import type { Scheduler } from '../services/scheduler';
import type { SecretsManager } from '../services/secrets-manager';
import type { Sns } from '../services/sns';
import type { Asset } from './assembly';

/** Which resource of which stack. */
export interface ResourceId {
  readonly stack: string;
  readonly logicalId: string;
}

/** What other resources can ask of a deployed one. */
export interface Deployed {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A state machine as its template describes it. */
export interface MachineSpec {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: string;
  readonly type: 'STANDARD' | 'EXPRESS';
}

/** The running services that resources are deployed into. */
export interface Target {
  readonly place: Place;
  readonly dynamodb: DynamoDb;
  readonly secrets: SecretsManager;
  readonly kms: Kms;
  readonly s3: S3;
  readonly sns: Sns;
  readonly events: Events;
  readonly scheduler: Scheduler;
  readonly lambda: Lambda;
  readonly iam: Iam;
  readonly addMachine: (machine: MachineSpec) => void;
  readonly addAsset: (asset: Asset) => void;
  /** Folder of an asset by bucket and key. */
  readonly codeFolder: (bucket: string, key: string) => string;
  /** Writes inline code into a folder of its own. @returns that folder */
  readonly inlineCode: (id: ResourceId, code: string) => string;
}

/** Makes one resource of a type, or finds it in the data folder. */
export type Provider = (properties: unknown, id: ResourceId, target: Target) => Promise<Deployed>;

const digest = ({ stack, logicalId }: ResourceId) =>
  createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');

/**
 * Name of a resource whose template gives none: the same at each deployment, because data is kept under it.
 * @param longest the service's limit in characters
 */
export function physicalName(id: ResourceId, longest = 64): string {
  const suffix = digest(id).slice(0, 12);
  return `${`${id.stack}-${id.logicalId}`.slice(0, longest - 13)}-${suffix}`;
}

/** A UUID that stays the same at each deployment. */
export function physicalUuid(id: ResourceId): string {
  return digest(id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

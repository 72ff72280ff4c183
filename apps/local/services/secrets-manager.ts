import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { action, ActionTable, ServiceError } from '../service';
import { Documents } from '../store';
import type { Surroundings } from '../surroundings';
import { arn } from './arn';

const text = z.string();
const texts = z.array(text);
const Version = z.object({ id: text, stages: texts, createdMs: z.number(), SecretString: text });
const Secret = z.object({
  name: text,
  arn: text,
  createdMs: z.number(),
  deletedMs: z.optional(z.number()),
  tags: z.prefault(z.record(z.string(), z.string()), {}),
  versions: z.array(Version),
});
type Secret = z.infer<typeof Secret>;
type Version = z.infer<typeof Version>;

const optional = z.optional(text);
const SecretId = z.object({ SecretId: text });
const Create = z.object({
  Name: text,
  Tags: z.optional(z.array(z.object({ Key: text, Value: text }))),
  ClientRequestToken: optional,
  SecretString: optional,
  SecretBinary: z.optional(z.never()),
});
const stages = z.prefault(texts, ['AWSCURRENT']);
const Put = z.extend(SecretId, { ClientRequestToken: optional, SecretString: text, VersionStages: stages });
const Get = z.extend(SecretId, { VersionId: optional, VersionStage: optional });
const target = { MoveToVersionId: optional, RemoveFromVersionId: optional };
const Move = z.extend(SecretId, { VersionStage: text, ...target });
const Delete = z.extend(SecretId, { ForceDeleteWithoutRecovery: z.optional(z.never()) });

const invalid = (message: string) => new ServiceError('InvalidParameterException', message);
const refused = (message: string) => new ServiceError('InvalidRequestException', message);
const missing = (message: string) => new ServiceError('ResourceNotFoundException', message);
const taken = (message: string) => new ServiceError('ResourceExistsException', message);

const labelled = (secret: Secret, stage: string) =>
  secret.versions.find((version) => version.stages.includes(stage));
const ofId = (secret: Secret, id: string) => secret.versions.find((version) => version.id === id);
const strip = (version: Version | undefined, stage: string) => {
  if (version) version.stages = version.stages.filter((each) => each !== stage);
};

/** Gives a label to one version only. When AWSCURRENT moves, the version that had it becomes AWSPREVIOUS. */
function attach(secret: Secret, stage: string, version: Version): void {
  const holder = labelled(secret, stage);
  if (holder === version) return;
  strip(holder, stage);
  version.stages.push(stage);
  if (stage !== 'AWSCURRENT' || !holder) return;
  strip(labelled(secret, 'AWSPREVIOUS'), 'AWSPREVIOUS');
  holder.stages.push('AWSPREVIOUS');
}

const seconds = (ms: number) => ms / 1000;
const named = ({ arn: ARN, name: Name }: Secret) => ({ ARN, Name });
const shown = ({ id: VersionId, stages: VersionStages, createdMs }: Version) => {
  return { VersionId, VersionStages, CreatedDate: seconds(createdMs) };
};

/**
 * Secrets Manager: secrets, versions and staging labels, kept in the data folder.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export class SecretsManager extends ActionTable {
  readonly name = 'secretsmanager';
  protected readonly actions = {
    CreateSecret: action(Create, (input) => this.#create(input)),
    DescribeSecret: action(SecretId, ({ SecretId }) => this.#describe(this.#secret(SecretId))),
    GetSecretValue: action(Get, (input) => this.#get(input)),
    PutSecretValue: action(Put, (input) => this.#put(input)),
    UpdateSecretVersionStage: action(Move, (input) => this.#move(input)),
    DeleteSecret: action(Delete, ({ SecretId }) => this.#delete(this.#usable(SecretId))),
  };
  readonly #secrets: Documents<Secret>;

  constructor(private readonly around: Surroundings) {
    super();
    this.#secrets = new Documents(around.dataDir, 'secrets', Secret, ({ name }) => name);
  }

  /** ARN of a secret by name or ARN; for an unknown name the ARN it would get. */
  arnOf(secretId: string): string {
    return this.#find(secretId)?.arn ?? (secretId.startsWith('arn:') ? secretId : this.#newArn(secretId));
  }

  /** Tags of a secret by name or ARN, which policies may ask for. */
  tagsOf(secretId: string): Readonly<Record<string, string>> {
    return this.#find(secretId)?.tags ?? {};
  }

  #newArn(name: string): string {
    const hash = createHash('sha256').update(name).digest('base64');
    const suffix = hash.replace(/[^A-Za-z0-9]/g, '').slice(0, 6);
    return arn(this.around.place, 'secretsmanager', `secret:${name}-${suffix}`);
  }

  #find(secretId: string): Secret | undefined {
    if (!secretId.startsWith('arn:')) return this.#secrets.get(secretId);
    const named = (arn: string) => arn === secretId || arn.replace(/-[A-Za-z0-9]{6}$/, '') === secretId;
    return this.#secrets.all().find(({ arn }) => named(arn));
  }

  #secret(secretId: string): Secret {
    const secret = this.#find(secretId);
    if (secret) return secret;
    throw missing("Secrets Manager can't find the specified secret.");
  }

  #usable(secretId: string): Secret {
    const secret = this.#secret(secretId);
    if (secret.deletedMs === undefined) return secret;
    throw refused("You can't perform this operation on the secret because it was marked for deletion.");
  }

  #create({ Name: name, Tags = [], SecretString, ...input }: z.infer<typeof Create>) {
    const { ClientRequestToken: token = randomUUID() } = input;
    const kept = this.#secrets.get(name);
    const before = kept && ofId(kept, token)?.SecretString;
    if (kept && (before === undefined || before !== SecretString))
      throw taken(`The secret ${name} already exists.`);
    const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
    const now = this.around.clock.now();
    const secret: Secret = kept ?? { name, tags, arn: this.#newArn(name), createdMs: now, versions: [] };
    const valued = SecretString !== undefined;
    if (valued && !kept) this.#addVersion(secret, token, SecretString, ['AWSCURRENT']);
    else this.#secrets.save(secret);
    return { ...named(secret), ...(valued ? { VersionId: token } : {}) };
  }

  #addVersion(secret: Secret, id: string, SecretString: string, stages: readonly string[]): Version {
    const version: Version = { id, stages: [], createdMs: this.around.clock.now(), SecretString };
    secret.versions.push(version);
    for (const stage of stages) attach(secret, stage, version);
    this.#secrets.save(secret);
    return version;
  }

  #put({ SecretId, SecretString, VersionStages: asked, ...input }: z.infer<typeof Put>) {
    const secret = this.#usable(SecretId);
    const { ClientRequestToken: token = randomUUID() } = input;
    if (token.length < 32 || token.length > 64)
      throw invalid('ClientRequestToken must be 32-64 characters long.');
    const kept = ofId(secret, token);
    if (kept && kept.SecretString !== SecretString)
      throw taken(`ClientRequestToken ${token} is already in use for a version of secret ${secret.arn}.`);
    // Secrets Manager labels a secret's first version AWSCURRENT whatever was asked.
    const stages = secret.versions.length > 0 ? asked : [...asked, 'AWSCURRENT'];
    const version = kept ?? this.#addVersion(secret, token, SecretString, stages);
    return { ...named(secret), VersionId: token, VersionStages: version.stages };
  }

  #get({ SecretId, VersionId: id, VersionStage: stage }: z.infer<typeof Get>) {
    const secret = this.#usable(SecretId);
    const label = stage ?? 'AWSCURRENT';
    const version = id ? ofId(secret, id) : labelled(secret, label);
    const which = id ? `VersionId: ${id}` : `staging label: ${label}`;
    if (!version) throw missing(`Secrets Manager can't find the specified secret value for ${which}`);
    if (stage && !version.stages.includes(stage))
      throw refused('You provided a VersionStage that is not associated to the provided VersionId.');
    return { ...named(secret), ...shown(version), SecretString: version.SecretString };
  }

  #move(input: z.infer<typeof Move>) {
    const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
    const secret = this.#usable(input.SecretId);
    const holder = labelled(secret, stage);
    const target = to === undefined ? undefined : ofId(secret, to);
    if (to !== undefined && !target) throw missing(`There is no version ${to} of the secret.`);
    const attached = `Staging label ${stage} is currently attached to version ${holder?.id ?? 'none'}`;
    if (from !== undefined && holder?.id !== from)
      throw invalid(`The parameter RemoveFromVersionId can't be ${from}. ${attached}.`);
    if (target && holder && holder !== target && from === undefined)
      throw invalid(`The parameter RemoveFromVersionId can't be empty. ${attached}: name that version.`);
    if (!target && stage === 'AWSCURRENT')
      throw invalid('AWSCURRENT can only move to a different secret version, not be removed.');
    if (target) attach(secret, stage, target);
    else strip(holder, stage);
    this.#secrets.save(secret);
    return named(secret);
  }

  #describe(secret: Secret) {
    const staged = secret.versions.filter((version) => version.stages.length > 0);
    return {
      ...named(secret),
      CreatedDate: seconds(secret.createdMs),
      DeletedDate: secret.deletedMs && seconds(secret.deletedMs),
      Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
      VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, stages])),
    };
  }

  #delete(secret: Secret) {
    secret.deletedMs = this.around.clock.now();
    this.#secrets.save(secret);
    return { ...named(secret), DeletionDate: seconds(secret.deletedMs) };
  }
}

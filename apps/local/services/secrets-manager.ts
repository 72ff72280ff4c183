import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { action, ActionTable, ServiceError } from '../service';
import type { DocumentStore } from '../store';
import { arn, type Place } from './arn';

const Version = z.object({
  id: z.string(),
  stages: z.array(z.string()),
  createdMs: z.number(),
  SecretString: z.optional(z.string()),
  SecretBinary: z.optional(z.string()),
});
const Secret = z.object({
  name: z.string(),
  arn: z.string(),
  createdMs: z.number(),
  description: z.optional(z.string()),
  deletedMs: z.optional(z.number()),
  tags: z.prefault(z.record(z.string(), z.string()), {}),
  versions: z.array(Version),
});
type Secret = z.infer<typeof Secret>;
type Version = z.infer<typeof Version>;

const optional = z.optional(z.string());
const Tags = z.optional(z.array(z.object({ Key: z.string(), Value: z.string() })));
const SecretId = z.object({ SecretId: z.string() });
const Value = z.object({ ClientRequestToken: optional, SecretString: optional, SecretBinary: optional });
type Value = z.infer<typeof Value>;
const Create = z.extend(Value, { Name: z.string(), Description: optional, Tags });
const Put = z.extend(Value, { SecretId: z.string(), VersionStages: z.optional(z.array(z.string())) });
const Get = z.object({ SecretId: z.string(), VersionId: optional, VersionStage: optional });
const Move = z.object({
  SecretId: z.string(),
  VersionStage: z.string(),
  MoveToVersionId: optional,
  RemoveFromVersionId: optional,
});
const List = z.object({ SecretId: z.string(), IncludeDeprecated: z.optional(z.boolean()) });
const Delete = z.object({ SecretId: z.string(), ForceDeleteWithoutRecovery: z.optional(z.boolean()) });

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

/** Whether a request repeats one that made this version. */
function isRepeat(secret: Secret, token: string, value: Value): boolean {
  const version = ofId(secret, token);
  const same = version?.SecretString === value.SecretString && version?.SecretBinary === value.SecretBinary;
  return version !== undefined && same;
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
    DescribeSecret: action(SecretId, ({ SecretId }) => this.#describe(this.#live(SecretId))),
    GetSecretValue: action(Get, (input) => this.#get(input)),
    PutSecretValue: action(Put, (input) => this.#put(input)),
    UpdateSecretVersionStage: action(Move, (input) => this.#move(input)),
    ListSecretVersionIds: action(List, (input) => this.#list(input)),
    DeleteSecret: action(Delete, (input) => this.#delete(input)),
  };
  readonly #secrets = new Map<string, Secret>();

  constructor(
    readonly place: Place,
    private readonly store: DocumentStore,
    private readonly clock: Clock,
  ) {
    super();
    for (const secret of store.all((value) => Secret.parse(value))) this.#secrets.set(secret.name, secret);
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
    return arn(this.place, 'secretsmanager', `secret:${name}-${suffix}`);
  }

  #find(secretId: string): Secret | undefined {
    if (!secretId.startsWith('arn:')) return this.#secrets.get(secretId);
    return [...this.#secrets.values()].find(
      (secret) => secret.arn === secretId || secret.arn.replace(/-[A-Za-z0-9]{6}$/, '') === secretId,
    );
  }

  #live(secretId: string): Secret {
    const secret = this.#find(secretId);
    if (!secret) throw missing("Secrets Manager can't find the specified secret.");
    return secret;
  }

  #usable(secretId: string): Secret {
    const secret = this.#live(secretId);
    if (secret.deletedMs === undefined) return secret;
    throw refused("You can't perform this operation on the secret because it was marked for deletion.");
  }

  #create(input: z.infer<typeof Create>) {
    const { Name: name, Description: description, ClientRequestToken: token = randomUUID() } = input;
    const kept = this.#secrets.get(name);
    if (kept?.deletedMs !== undefined) throw refused(`The secret ${name} is scheduled for deletion.`);
    if (kept && !isRepeat(kept, token, input)) throw taken(`The secret ${name} already exists.`);
    const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    const fresh = { name, description, tags, arn: this.#newArn(name), createdMs: this.clock.now() };
    const secret: Secret = kept ?? { ...fresh, versions: [] };
    this.#secrets.set(name, secret);
    const valued = input.SecretString !== undefined || input.SecretBinary !== undefined;
    if (valued && !kept) this.#addVersion(secret, token, input, ['AWSCURRENT']);
    this.#save(secret);
    return { ...named(secret), ...(valued ? { VersionId: token } : {}) };
  }

  #addVersion(secret: Secret, id: string, value: Value, stages: readonly string[]): void {
    const { SecretString, SecretBinary } = value;
    const version: Version = { id, stages: [], createdMs: this.clock.now(), SecretString, SecretBinary };
    secret.versions.push(version);
    for (const stage of stages) attach(secret, stage, version);
  }

  #put(input: z.infer<typeof Put>) {
    const secret = this.#usable(input.SecretId);
    const { ClientRequestToken: token = randomUUID(), VersionStages: asked = ['AWSCURRENT'] } = input;
    if ((input.SecretString === undefined) === (input.SecretBinary === undefined)) {
      throw invalid('You must provide either SecretString or SecretBinary.');
    }
    if (token.length < 32 || token.length > 64)
      throw invalid('ClientRequestToken must be 32-64 characters long.');
    if (ofId(secret, token) && !isRepeat(secret, token, input))
      throw taken(`ClientRequestToken ${token} is already in use for a version of secret ${secret.arn}.`);
    if (!ofId(secret, token)) {
      // Secrets Manager labels a secret's first version AWSCURRENT whatever was asked.
      const stages = secret.versions.length > 0 ? asked : new Set([...asked, 'AWSCURRENT']);
      this.#addVersion(secret, token, input, [...stages]);
      this.#save(secret);
    }
    return { ...named(secret), VersionId: token, VersionStages: ofId(secret, token)?.stages ?? [] };
  }

  #get(input: z.infer<typeof Get>) {
    const secret = this.#usable(input.SecretId);
    const stage = input.VersionStage ?? (input.VersionId ? undefined : 'AWSCURRENT');
    const version = input.VersionId ? ofId(secret, input.VersionId) : labelled(secret, stage ?? '');
    if (version && stage && !version.stages.includes(stage)) {
      throw refused('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    if (!version) {
      const which = input.VersionId ? `VersionId: ${input.VersionId}` : `staging label: ${stage}`;
      throw missing(`Secrets Manager can't find the specified secret value for ${which}`);
    }
    const { SecretString, SecretBinary } = version;
    return { ...named(secret), ...shown(version), SecretString, SecretBinary };
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
    this.#save(secret);
    return named(secret);
  }

  #list(input: z.infer<typeof List>) {
    const secret = this.#live(input.SecretId);
    const listed = secret.versions.filter((version) => input.IncludeDeprecated || version.stages.length > 0);
    return { ...named(secret), Versions: listed.map(shown) };
  }

  #describe(secret: Secret) {
    const staged = secret.versions.filter((version) => version.stages.length > 0);
    return {
      ...named(secret),
      CreatedDate: seconds(secret.createdMs),
      Description: secret.description,
      DeletedDate: secret.deletedMs && seconds(secret.deletedMs),
      Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
      VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, stages])),
    };
  }

  #delete(input: z.infer<typeof Delete>) {
    const secret = this.#usable(input.SecretId);
    secret.deletedMs = this.clock.now();
    if (input.ForceDeleteWithoutRecovery) {
      this.#secrets.delete(secret.name);
      this.store.remove(secret.name);
    } else this.#save(secret);
    return { ...named(secret), DeletionDate: seconds(secret.deletedMs) };
  }

  #save(secret: Secret): void {
    this.store.save(secret.name, secret);
  }
}

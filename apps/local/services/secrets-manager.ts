import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { ServiceError, unsupported, type Service } from '../service';
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

const Tags = z.array(z.object({ Key: z.string(), Value: z.string() }));
const Tag = z.object({ SecretId: z.string(), Tags });
const Value = { SecretString: z.optional(z.string()), SecretBinary: z.optional(z.string()) };
const SecretId = z.object({ SecretId: z.string() });
const Create = z.object({
  Name: z.string(),
  Description: z.optional(z.string()),
  ClientRequestToken: z.optional(z.string()),
  Tags: z.optional(Tags),
  ...Value,
});
const Put = z.object({
  SecretId: z.string(),
  ClientRequestToken: z.optional(z.string()),
  VersionStages: z.optional(z.array(z.string())),
  ...Value,
});
const Get = z.object({
  SecretId: z.string(),
  VersionId: z.optional(z.string()),
  VersionStage: z.optional(z.string()),
});
const Move = z.object({
  SecretId: z.string(),
  VersionStage: z.string(),
  MoveToVersionId: z.optional(z.string()),
  RemoveFromVersionId: z.optional(z.string()),
});
const List = z.object({ SecretId: z.string(), IncludeDeprecated: z.optional(z.boolean()) });
const Delete = z.object({ SecretId: z.string(), ForceDeleteWithoutRecovery: z.optional(z.boolean()) });

const seconds = (ms: number) => ms / 1000;
const invalid = (message: string) => new ServiceError('InvalidParameterException', message);
const refused = (message: string) => new ServiceError('InvalidRequestException', message);
const missing = (message: string) => new ServiceError('ResourceNotFoundException', message);

function parse<T>(schema: z.ZodMiniType<T>, input: Record<string, unknown>): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw invalid(`Missing or malformed: ${fields}. Nothing was changed.`);
}

const byKey = (tags: z.infer<typeof Tags> = []) =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
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

/**
 * Secrets Manager: secrets, versions and staging labels, kept in the data folder.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export class SecretsManager implements Service {
  readonly name = 'secretsmanager';
  readonly #secrets = new Map<string, Secret>();

  constructor(
    readonly place: Place,
    private readonly store: DocumentStore,
    private readonly clock: Clock,
  ) {
    for (const secret of store.all((value) => Secret.parse(value))) this.#secrets.set(secret.name, secret);
  }

  async handle(action: string, input: Record<string, unknown>): Promise<unknown> {
    switch (action) {
      case 'CreateSecret':
        return this.#create(parse(Create, input));
      case 'DescribeSecret':
        return this.#describe(this.#live(parse(SecretId, input).SecretId));
      case 'GetSecretValue':
        return this.#get(parse(Get, input));
      case 'PutSecretValue':
        return this.#put(parse(Put, input));
      case 'UpdateSecretVersionStage':
        return this.#move(parse(Move, input));
      case 'ListSecretVersionIds':
        return this.#list(parse(List, input));
      case 'DeleteSecret':
        return this.#delete(parse(Delete, input));
      case 'TagResource':
        return this.#tag(parse(Tag, input));
      default:
        throw unsupported(this.name, action);
    }
  }

  /** ARN of a secret by name or ARN; for an unknown name the ARN it would get. */
  arnOf(secretId: string): string {
    return this.#find(secretId)?.arn ?? (secretId.startsWith('arn:') ? secretId : this.#newArn(secretId));
  }

  /** Tags of a secret by name or ARN, which policies may ask for. */
  tagsOf(secretId: string): Readonly<Record<string, string>> {
    return this.#find(secretId)?.tags ?? {};
  }

  /** Whether a secret of this name or ARN exists and is not deleted. */
  has(secretId: string): boolean {
    const secret = this.#find(secretId);
    return secret !== undefined && secret.deletedMs === undefined;
  }

  #newArn(name: string): string {
    const suffix = createHash('sha256')
      .update(name)
      .digest('base64')
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, 6);
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
    const kept = this.#secrets.get(input.Name);
    const token = input.ClientRequestToken ?? randomUUID();
    if (kept && !this.#isRepeat(kept, token, input)) {
      throw kept.deletedMs === undefined
        ? new ServiceError(
            'ResourceExistsException',
            `The operation failed because the secret ${input.Name} already exists.`,
          )
        : refused(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
          );
    }
    const secret: Secret = kept ?? {
      name: input.Name,
      arn: this.#newArn(input.Name),
      createdMs: this.clock.now(),
      ...(input.Description === undefined ? {} : { description: input.Description }),
      tags: byKey(input.Tags),
      versions: [],
    };
    this.#secrets.set(secret.name, secret);
    const valued = input.SecretString !== undefined || input.SecretBinary !== undefined;
    if (valued && !kept) this.#addVersion(secret, token, input, ['AWSCURRENT']);
    this.#save(secret);
    return { ARN: secret.arn, Name: secret.name, ...(valued ? { VersionId: token } : {}) };
  }

  #isRepeat(
    secret: Secret,
    token: string,
    value: { SecretString?: string | undefined; SecretBinary?: string | undefined },
  ) {
    const version = ofId(secret, token);
    return (
      version?.SecretString === value.SecretString &&
      version?.SecretBinary === value.SecretBinary &&
      !!version
    );
  }

  #addVersion(
    secret: Secret,
    id: string,
    value: z.infer<typeof Put> | z.infer<typeof Create>,
    stages: string[],
  ): void {
    const version: Version = {
      id,
      stages: [],
      createdMs: this.clock.now(),
      ...(value.SecretString === undefined ? {} : { SecretString: value.SecretString }),
      ...(value.SecretBinary === undefined ? {} : { SecretBinary: value.SecretBinary }),
    };
    secret.versions.push(version);
    for (const stage of stages) attach(secret, stage, version);
  }

  #put(input: z.infer<typeof Put>) {
    const secret = this.#usable(input.SecretId);
    if ((input.SecretString === undefined) === (input.SecretBinary === undefined)) {
      throw invalid('You must provide either SecretString or SecretBinary.');
    }
    const token = input.ClientRequestToken ?? randomUUID();
    if (token.length < 32 || token.length > 64)
      throw invalid('ClientRequestToken must be 32-64 characters long.');
    const kept = ofId(secret, token);
    if (kept && !this.#isRepeat(secret, token, input)) {
      throw new ServiceError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    if (!kept) {
      const asked = input.VersionStages ?? ['AWSCURRENT'];
      // Secrets Manager labels a secret's first version AWSCURRENT whatever was asked.
      this.#addVersion(
        secret,
        token,
        input,
        secret.versions.length > 0 ? asked : [...new Set([...asked, 'AWSCURRENT'])],
      );
      this.#save(secret);
    }
    const stages = ofId(secret, token)?.stages ?? [];
    return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages: stages };
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
    const { id, stages, createdMs, ...value } = version;
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: id,
      VersionStages: stages,
      CreatedDate: seconds(createdMs),
      ...value,
    };
  }

  #move(input: z.infer<typeof Move>) {
    const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
    const secret = this.#usable(input.SecretId);
    const holder = labelled(secret, stage);
    const target = to === undefined ? undefined : ofId(secret, to);
    if (to !== undefined && !target)
      throw missing(`Secrets Manager can't find the specified secret version: ${to}.`);
    if (from !== undefined && holder?.id !== from) {
      throw invalid(
        `The parameter RemoveFromVersionId can't be ${from}. Staging label ${stage} is currently attached to version ${holder?.id ?? 'none'}.`,
      );
    }
    if (target && holder && holder !== target && from === undefined) {
      throw invalid(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (!target && stage === 'AWSCURRENT')
      throw invalid(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    if (target) attach(secret, stage, target);
    else strip(holder, stage);
    this.#save(secret);
    return { ARN: secret.arn, Name: secret.name };
  }

  #list(input: z.infer<typeof List>) {
    const secret = this.#live(input.SecretId);
    const shown = secret.versions.filter((version) => input.IncludeDeprecated || version.stages.length > 0);
    const Versions = shown.map(({ id, stages, createdMs }) => ({
      VersionId: id,
      VersionStages: stages,
      CreatedDate: seconds(createdMs),
    }));
    return { ARN: secret.arn, Name: secret.name, Versions };
  }

  #describe(secret: Secret) {
    const staged = secret.versions.filter((version) => version.stages.length > 0);
    return {
      ARN: secret.arn,
      Name: secret.name,
      CreatedDate: seconds(secret.createdMs),
      ...(secret.description === undefined ? {} : { Description: secret.description }),
      ...(secret.deletedMs === undefined ? {} : { DeletedDate: seconds(secret.deletedMs) }),
      Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
      VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, stages])),
    };
  }

  #tag(input: z.infer<typeof Tag>) {
    const secret = this.#usable(input.SecretId);
    Object.assign(secret.tags, byKey(input.Tags));
    this.#save(secret);
    return {};
  }

  #delete(input: z.infer<typeof Delete>) {
    const secret = this.#usable(input.SecretId);
    secret.deletedMs = this.clock.now();
    if (input.ForceDeleteWithoutRecovery) {
      this.#secrets.delete(secret.name);
      this.store.remove(secret.name);
    } else this.#save(secret);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(secret.deletedMs) };
  }

  #save(secret: Secret): void {
    this.store.save(secret.name, secret);
  }
}

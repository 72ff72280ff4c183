import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type GetSecretValueCommandInput,
  type SecretsManagerClient,
  type UpdateSecretVersionStageCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { CurrentVersion, Labels, Vault } from '../../core/ports/vault';
import { materialOf, otherPending, promotion, secretDenied, secretMissing } from '../../core/vault-rules';
import { sdkErrorName, storeFailure, type StoreCall } from './sdk-failure';

// InvalidRequestException is what a secret marked for deletion answers (Secrets Manager API reference, GetSecretValue).
const missing: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

/**
 * The vault in Secrets Manager. A rotation makes two writes: PutSecretValue and UpdateSecretVersionStage share
 * 50 requests a second that no quota raises (Secrets Manager quotas page).
 */
export class SecretsManagerVault implements Vault {
  readonly #client: SecretsManagerClient;

  constructor(client: SecretsManagerClient) {
    this.#client = client;
  }

  async labels(secret: string): Promise<Labels> {
    const answer = await this.#ask(call('DescribeSecret', secret, 'read'), () =>
      this.#client.send(new DescribeSecretCommand({ SecretId: secret })),
    );
    // A secret marked for deletion can be described and nothing else.
    if (answer.DeletedDate !== undefined) throw secretMissing(secret);
    const versions = Object.entries(answer.VersionIdsToStages ?? {});
    const versionAt = (stage: string) => versions.find(([, stages]) => stages.includes(stage))?.[0];
    return {
      current: versionAt('AWSCURRENT'),
      pending: versionAt('AWSPENDING'),
      previous: versionAt('AWSPREVIOUS'),
    };
  }

  async read(secret: string, versionId: string): Promise<Material | undefined> {
    try {
      return (await this.#value({ SecretId: secret, VersionId: versionId })).material;
    } catch (error) {
      if (!(error instanceof Failure && error.name === 'SecretMissing')) throw error;
      // The service says ResourceNotFound for a missing secret and for a missing version; describing tells them apart.
      await this.labels(secret);
      return undefined;
    }
  }

  async readCurrent(secret: string): Promise<CurrentVersion> {
    return this.#value({ SecretId: secret });
  }

  async putPending(secret: string, versionId: string, material: Material): Promise<void> {
    const command = new PutSecretValueCommand({
      SecretId: secret,
      ClientRequestToken: versionId,
      SecretString: material.toVaultText(),
      VersionStages: ['AWSPENDING'],
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      // The same token with the same text is a success for the service, with other text it is this error.
      if (sdkErrorName(error) === 'ResourceExistsException') throw otherPending(secret, versionId);
      throw failure(error, call('PutSecretValue', secret, 'write'));
    }
  }

  async promote(secret: string, to: string, from: string): Promise<void> {
    // The service compares `RemoveFromVersionId` itself, so the labels are read only when it says no.
    const change = {
      SecretId: secret,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: to,
      RemoveFromVersionId: from,
    };
    await this.#move(change, (labels) => promotion(secret, labels, to, from) === 'done');
  }

  async dropPending(secret: string, versionId: string): Promise<void> {
    if ((await this.labels(secret)).pending !== versionId) return;
    const change = { SecretId: secret, VersionStage: 'AWSPENDING', RemoveFromVersionId: versionId };
    await this.#move(change, (labels) => labels.pending !== versionId);
  }

  /** Moves a label; a rejected move is fine when the label is already where it should be. */
  async #move(
    change: UpdateSecretVersionStageCommandInput & { readonly SecretId: string },
    stands: (labels: Labels) => boolean,
  ): Promise<void> {
    try {
      await this.#client.send(new UpdateSecretVersionStageCommand(change));
    } catch (error) {
      // After a lost answer the SDK's own repetition meets the label in its new place.
      if (sdkErrorName(error) === 'InvalidParameterException' && stands(await this.labels(change.SecretId)))
        return;
      throw failure(error, call('UpdateSecretVersionStage', change.SecretId, 'write'));
    }
  }

  async #value(input: GetSecretValueCommandInput & { readonly SecretId: string }): Promise<CurrentVersion> {
    const { SecretString, VersionId = '' } = await this.#ask(
      call('GetSecretValue', input.SecretId, 'read'),
      () => this.#client.send(new GetSecretValueCommand(input)),
    );
    return { versionId: VersionId, material: materialOf(input.SecretId, SecretString) };
  }

  async #ask<T>(about: VaultCall, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw failure(error, about);
    }
  }
}

type VaultCall = StoreCall & { readonly secret: string };

function call(action: string, secret: string, access: StoreCall['access']): VaultCall {
  return { action: `secretsmanager:${action}`, about: `secret ${secret}`, access, secret };
}

function failure(error: unknown, about: VaultCall) {
  const name = sdkErrorName(error) ?? '';
  if (name === 'AccessDeniedException') return secretDenied(about.secret, about.action);
  return missing.has(name) ? secretMissing(about.secret) : storeFailure(error, about);
}

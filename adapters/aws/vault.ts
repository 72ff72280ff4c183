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
import type {
  CurrentVersion,
  Vault,
  VaultCandidates,
  VaultLabels,
  VaultMaterial,
  VaultMoves,
} from '../../core/ports/vault';
import { materialOf, otherPending, promotion, secretDenied, secretMissing } from '../../core/vault-rules';
import { sdkErrorName, storeFailure, type StoreCall } from './sdk-failure';

// InvalidRequestException is what a secret marked for deletion answers (Secrets Manager API reference, GetSecretValue).
const missing: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

/** Labels of secrets. */
export function vaultLabels(client: SecretsManagerClient): VaultLabels {
  return {
    async labels(secret) {
      const command = new DescribeSecretCommand({ SecretId: secret });
      const answer = await ask(call('DescribeSecret', secret, 'read'), () => client.send(command));
      // A secret marked for deletion can be described and nothing else.
      if (answer.DeletedDate !== undefined) throw secretMissing(secret);
      const versions = Object.entries(answer.VersionIdsToStages ?? {});
      const versionAt = (stage: string) => versions.find(([, stages]) => stages.includes(stage))?.[0];
      return {
        current: versionAt('AWSCURRENT'),
        pending: versionAt('AWSPENDING'),
        previous: versionAt('AWSPREVIOUS'),
      };
    },
  };
}

/** Material of secrets. */
export function vaultMaterial(client: SecretsManagerClient): VaultMaterial {
  const read = vaultLabels(client);
  const value = async (
    input: GetSecretValueCommandInput & { readonly SecretId: string },
  ): Promise<CurrentVersion> => {
    const about = call('GetSecretValue', input.SecretId, 'read');
    const { SecretString, VersionId = '' } = await ask(about, () =>
      client.send(new GetSecretValueCommand(input)),
    );
    return { versionId: VersionId, material: materialOf(input.SecretId, SecretString) };
  };
  return {
    async read(secret, versionId) {
      try {
        return (await value({ SecretId: secret, VersionId: versionId })).material;
      } catch (error) {
        if (!(error instanceof Failure && error.name === 'SecretMissing')) throw error;
        // The service says ResourceNotFound for a missing secret and for a missing version; describing tells them apart.
        await read.labels(secret);
        return undefined;
      }
    },
    readCurrent: (secret) => value({ SecretId: secret }),
    readAuthority: (secret) => value({ SecretId: secret }),
  };
}

/** Candidates in secrets. */
export function vaultCandidates(client: SecretsManagerClient): VaultCandidates {
  return {
    async putPending(secret, versionId, material) {
      const command = new PutSecretValueCommand({
        SecretId: secret,
        ClientRequestToken: versionId,
        SecretString: material.toVaultText(),
        VersionStages: ['AWSPENDING'],
      });
      try {
        await client.send(command);
      } catch (error) {
        // The same token with the same text is a success for the service, with other text it is this error.
        if (sdkErrorName(error) === 'ResourceExistsException') throw otherPending(secret, versionId);
        throw failure(error, call('PutSecretValue', secret, 'write'));
      }
    },
  };
}

/** Labels of secrets that move. */
export function vaultMoves(client: SecretsManagerClient): VaultMoves {
  const read = vaultLabels(client);
  return {
    async promote(secret, to, from) {
      // The service compares `RemoveFromVersionId` itself, so the labels are read only when it says no.
      const change = {
        SecretId: secret,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: to,
        RemoveFromVersionId: from,
      };
      await move(
        client,
        change,
        async () => promotion(secret, await read.labels(secret), to, from) === 'done',
      );
    },
    async dropPending(secret, versionId) {
      if ((await read.labels(secret)).pending !== versionId) return;
      const change = { SecretId: secret, VersionStage: 'AWSPENDING', RemoveFromVersionId: versionId };
      await move(client, change, async () => {
        if ((await read.labels(secret)).pending !== versionId) return true;
        throw readsDiffer(secret, versionId);
      });
    },
  };
}

/**
 * The vault in Secrets Manager, whole. A rotation makes two writes: PutSecretValue and UpdateSecretVersionStage share
 * 50 requests a second that no quota raises (Secrets Manager quotas page).
 */
export function secretsManagerVault(client: SecretsManagerClient): Vault {
  return {
    ...vaultLabels(client),
    ...vaultMaterial(client),
    ...vaultCandidates(client),
    ...vaultMoves(client),
  };
}

/** Moves a label; a rejected move is fine when the label is already where it should be. */
async function move(
  client: SecretsManagerClient,
  change: UpdateSecretVersionStageCommandInput & { readonly SecretId: string },
  stands: () => Promise<boolean>,
): Promise<void> {
  try {
    await client.send(new UpdateSecretVersionStageCommand(change));
  } catch (error) {
    // After a lost answer the SDK's own repetition meets the label in its new place.
    if (sdkErrorName(error) === 'InvalidParameterException' && (await stands())) return;
    throw failure(error, call('UpdateSecretVersionStage', change.SecretId, 'write'));
  }
}

/** The service says that the label is not there and shows it there: one of the two answers is of a moment ago. */
function readsDiffer(secret: string, versionId: string): Failure {
  const message = `secretsmanager:UpdateSecretVersionStage on secret ${secret} was rejected, though AWSPENDING is still shown on version ${versionId}. Whether the label is gone is not known. Repeat the step: it reads the labels first.`;
  return new Failure('StoreUnavailable', message, 'unknown');
}

async function ask<T>(about: VaultCall, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw failure(error, about);
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

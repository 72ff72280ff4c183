import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { spillIn } from '../../core/evidence/spill';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { StepFunctionsExecutions } from '../../adapters/aws/executions';
import { KmsFingerprints } from '../../adapters/aws/fingerprints';
import { S3Lists } from '../../adapters/aws/lists';
import { EventBridgeNotices } from '../../adapters/aws/notices';
import { S3Policies } from '../../adapters/aws/policies';
import { DynamoPolicyArchive } from '../../adapters/aws/policy-archive';
import { AppendTable, Table } from '../../adapters/aws/dynamodb/table';
import {
  forApproval,
  forBulk,
  forClose,
  forConfirm,
  forMutator,
  forOpen,
  forProber,
  forPromote,
  forRequests,
  forSettle,
  forSweep,
} from '../../adapters/aws/registry/by-function';
import { claims } from '../../adapters/aws/registry/claims';
import { stepFunctionsTaskTokens } from '../../adapters/aws/task-tokens';
import { vaultCandidates, vaultLabels, vaultMaterial, vaultMoves } from '../../adapters/aws/vault';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { httpConsumers, observing } from '../../adapters/http/consumer-client';
import type { Mutator, Prober } from '../../core/connector';
import { Material } from '../../core/material';
import type { Claims } from '../../core/ports/registry';
import type { TaskTokens } from '../../core/ports/task-tokens';
import type { VaultLabels, VaultMoves } from '../../core/ports/vault';
import type { ConfirmDeps } from '../steps/confirm/run';
import type { Deps, MutatorDeps, ProberDeps, Using } from '../steps/deps';
import { environment, type Environment } from './environment';
import { clientOf } from './sdk';
import { text, variables } from './variables';

type Base = Pick<
  Deps,
  'now' | 'monotonic' | 'sleep' | 'random' | 'ledgerId' | 'code' | 'timeoutMs' | 'evidence' | 'policies'
>;

type Telling<Part extends (table: Table) => unknown> = Base & Using<ReturnType<Part>> & Pick<Deps, 'notices'>;

// Bundlers drop what a function does not call, so each function carries only the clients and ports it needs.

/** What every function has: time, its own identity, the evidence table and the policies. */
export function base(env: Environment, dynamodb = clientOf(DynamoDBClient)): Base {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => sleep(ms),
    random: (count) => randomBytes(count),
    ledgerId: env.LEDGER_ID,
    code: {
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      version: env.AWS_LAMBDA_FUNCTION_VERSION,
      bundle: env.BUNDLE_SHA256,
    },
    timeoutMs: env.TIMEOUT_SECONDS * 1_000,
    evidence: new DynamoEvidenceStore(dynamodb, env.EVIDENCE_TABLE),
    policies: new S3Policies(
      clientOf(S3Client),
      env.POLICIES_BUCKET,
      env.POLICIES_KEY,
      env.POLICIES_REVISION,
    ),
  };
}

/** The same with a part of the registry. */
function withRegistry<R>(env: Environment, part: (table: Table) => R): Base & Using<R> {
  const dynamodb = clientOf(DynamoDBClient);
  return { ...base(env, dynamodb), registry: part(new Table(dynamodb, env.REGISTRY_TABLE)) };
}

/** Where emergencies keep records that the evidence table does not take. */
function spilling(): Pick<Deps, 'spill'> {
  const { LISTS_BUCKET } = variables({ LISTS_BUCKET: text });
  return { spill: spillIn(new S3SealedStore(clientOf(S3Client), LISTS_BUCKET)) };
}

/** Lists that Distributed Maps read. */
function bucketLists(): S3Lists {
  const { LISTS_BUCKET } = variables({ LISTS_BUCKET: text });
  return new S3Lists(clientOf(S3Client), LISTS_BUCKET);
}

/** Whoever tells waits this long, in milliseconds, and not longer: nothing depends on it. */
const TELLING_MS = 2_000;

/** Functions that touch neither targets nor the vault, and tell what happened. */
function telling<R>(env: Environment, part: (table: Table) => R): Base & Using<R> & Pick<Deps, 'notices'> {
  const { config } = clientOf(DynamoDBClient);
  // Where all services answer, when that is not AWS.
  const { AWS_ENDPOINT_URL: endpoint } = variables({ AWS_ENDPOINT_URL: z.optional(text) });
  const access = { config, endpoint, timeoutMs: TELLING_MS };
  return { ...withRegistry(env, part), notices: new EventBridgeNotices(access) };
}

/** The function that asks for approvals. */
export function composeApproval(): Telling<typeof forApproval> {
  return telling(environment(), forApproval);
}

/** The function that opens runs. It looks up whether the list of an approved bulk revocation holds one. */
export function composeOpen(): Telling<typeof forOpen> & Pick<Deps, 'lists' | 'spill'> {
  const env = environment();
  return { ...telling(env, forOpen), ...spilling(), lists: bucketLists() };
}

/** The function that closes runs. */
export function composeClose(): Telling<typeof forClose> & Pick<Deps, 'spill'> {
  const env = environment();
  return { ...telling(env, forClose), ...spilling() };
}

/** The function that freezes and counts whom a bulk revocation is for. */
export function composeBulk(): Telling<typeof forBulk> & Pick<Deps, 'lists' | 'bulk'> {
  const { BULK_APPROVAL_ABOVE: approvalAbove, BULK_AT_ONCE: atOnce } = variables({
    // Without its setting a function asks for an approval of everything.
    BULK_APPROVAL_ABOVE: z._default(z.coerce.number(), 0),
    BULK_AT_ONCE: z._default(z.coerce.number(), 1),
  });
  const env = environment();
  return {
    ...telling(env, forBulk),
    lists: bucketLists(),
    bulk: { approvalAbove, atOnce },
  };
}

/** The function that moves stage labels. */
export function composePromote(): Base &
  Using<ReturnType<typeof forPromote>> & { readonly vault: VaultLabels & VaultMoves } {
  const secrets = clientOf(SecretsManagerClient);
  const vault = { ...vaultLabels(secrets), ...vaultMoves(secrets) };
  return { ...withRegistry(environment(), forPromote), vault };
}

/** The functions of the sweep. */
export function composeSweep(): Base &
  Using<ReturnType<typeof forSweep>> &
  Pick<Deps, 'archive' | 'lists'> & { readonly vault: VaultLabels } {
  const env = environment();
  return {
    ...withRegistry(env, forSweep),
    vault: vaultLabels(clientOf(SecretsManagerClient)),
    archive: new DynamoPolicyArchive(clientOf(DynamoDBClient), env.EVIDENCE_TABLE),
    lists: bucketLists(),
  };
}

/** The function that looks for what nobody works on. */
export function composeSettle(): Telling<typeof forSettle> & Pick<Deps, 'executions' | 'spill'> {
  const env = environment();
  const { ROTATION_MACHINE, SETTLE_MACHINE, BULK_MACHINE } = variables({
    ROTATION_MACHINE: text,
    SETTLE_MACHINE: text,
    BULK_MACHINE: text,
  });
  const machines = { Rotation: ROTATION_MACHINE, Settle: SETTLE_MACHINE, BulkRevocation: BULK_MACHINE };
  const core = telling(env, forSettle);
  const executions = new StepFunctionsExecutions(clientOf(SFNClient), machines, core.now);
  return { ...core, ...spilling(), executions };
}

/** ARNs of the machines whose executions people may start. */
function startedByPeople() {
  const { ROTATION_MACHINE, REVOCATION_MACHINE, BULK_MACHINE } = variables({
    ROTATION_MACHINE: text,
    REVOCATION_MACHINE: text,
    BULK_MACHINE: text,
  });
  return { rotation: ROTATION_MACHINE, revocation: REVOCATION_MACHINE, bulk: BULK_MACHINE };
}

/** The function that starts runs for people. */
export function composeRequests(): Base & Using<ReturnType<typeof forRequests>> & Pick<Deps, 'executions'> {
  const env = environment();
  const { rotation, revocation, bulk } = startedByPeople();
  const machines = { Rotation: rotation, Revocation: revocation, BulkRevocation: bulk };
  const given = withRegistry(env, forRequests);
  return {
    ...given,
    executions: new StepFunctionsExecutions(clientOf(SFNClient), machines, given.now),
  };
}

/** The function that takes decisions, the only one that can end a wait. */
export function composeDecisions(): Telling<typeof forApproval> & { readonly tokens: TaskTokens } {
  return {
    ...telling(environment(), forApproval),
    tokens: stepFunctionsTaskTokens(clientOf(SFNClient)),
  };
}

/** The function that hears who started what. */
export function composeConfirm(): ConfirmDeps {
  return { ...telling(environment(), forConfirm), machines: startedByPeople() };
}

/** The function that tells consumers to reload. */
export function composeConsumers(): Base & Using<Claims> & Pick<Deps, 'consumers'> {
  return { ...withRegistry(environment(), claims), consumers: httpConsumers() };
}

/** The function's own credentials, which the runtime of AWS Lambda puts into its environment. */
function own(): Pick<Deps, 'own'> {
  const given = variables({
    AWS_ACCESS_KEY_ID: z.optional(text),
    AWS_SECRET_ACCESS_KEY: z.optional(text),
    AWS_SESSION_TOKEN: z.optional(text),
  });
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = given;
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  const session = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN };
  return { own: new Material({ accessKeyId, secretAccessKey, ...session }) };
}

/** The function that changes targets of one kind. */
export function composeMutator(connector: Mutator): MutatorDeps {
  const env = environment();
  const { FINGERPRINT_KEY } = variables({ FINGERPRINT_KEY: text });
  const secrets = clientOf(SecretsManagerClient);
  return {
    ...withRegistry(env, forMutator),
    ...spilling(),
    ...own(),
    vault: { ...vaultLabels(secrets), ...vaultMaterial(secrets), ...vaultCandidates(secrets) },
    connector,
    consumers: { observe: observing() },
    fingerprints: new KmsFingerprints(clientOf(KMSClient), FINGERPRINT_KEY),
  };
}

/** The function that presents credentials to targets of one kind. */
export function composeProber(connector: Prober): ProberDeps {
  const env = environment();
  const dynamodb = clientOf(DynamoDBClient);
  return {
    ...base(env, dynamodb),
    ...spilling(),
    ...own(),
    registry: forProber(new AppendTable(dynamodb, env.REGISTRY_TABLE)),
    vault: vaultMaterial(clientOf(SecretsManagerClient)),
    connector,
    consumers: { observe: observing() },
  };
}

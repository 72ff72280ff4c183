import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
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
  forQuery,
  forRequests,
  forSettle,
  forSweep,
} from '../../adapters/aws/registry/by-function';
import { claims } from '../../adapters/aws/registry/claims';
import { stepFunctionsTaskTokens } from '../../adapters/aws/task-tokens';
import { vaultCandidates, vaultLabels, vaultMaterial, vaultMoves } from '../../adapters/aws/vault';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { dynamoWitnessMemory } from '../../adapters/aws/witness-memory';
import { KmsSigner } from '../../adapters/aws/signer';
import { httpConsumers, observing } from '../../adapters/http/consumer-client';
import type { Mutator, Prober } from '../../core/connector';
import { Material } from '../../core/material';
import type { Claims } from '../../core/ports/registry';
import type { TaskTokens } from '../../core/ports/task-tokens';
import type { VaultLabels, VaultMoves } from '../../core/ports/vault';
import type { QueryDeps } from '../api/query';
import type { ConfirmDeps } from '../steps/confirm/run';
import type { Deps, MutatorDeps, ProberDeps, Using } from '../steps/deps';
import { pinnedKey } from '../../core/ledger/signed';
import type { SealDeps } from '../steps/seal/deps';
import type { WitnessDeps } from '../steps/witness/run';
import { parseEnvironment, type Environment } from './environment';
import { sdk } from './sdk';
import { parseWitnessEnvironment } from './witness-environment';

type Base = Pick<
  Deps,
  'now' | 'monotonic' | 'sleep' | 'random' | 'ledgerId' | 'code' | 'timeoutMs' | 'evidence' | 'policies'
>;

type Telling<Part extends (table: Table) => unknown> = Base & Using<ReturnType<Part>> & Pick<Deps, 'notices'>;

// Bundlers drop what a function does not call, so each function carries only the clients and ports it needs.

/** What every function has: time, its own identity, the evidence table and the policies. */
function base(env: Environment, dynamodb = new DynamoDBClient(sdk)): Base {
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
    policies: new S3Policies(new S3Client(sdk), env.POLICIES_BUCKET, env.POLICIES_KEY, env.POLICIES_REVISION),
  };
}

/** The same with a part of the registry. */
function withRegistry<R>(env: Environment, part: (table: Table) => R): Base & Using<R> {
  const dynamodb = new DynamoDBClient(sdk);
  return { ...base(env, dynamodb), registry: part(new Table(dynamodb, env.REGISTRY_TABLE)) };
}

/** Where emergencies keep records that the evidence table does not take. */
function spillOf(env: Environment): Pick<Deps, 'spill'> {
  return { spill: spillIn(new S3SealedStore(new S3Client(sdk), env.LISTS_BUCKET ?? '')) };
}

/** Whoever tells waits this long, in milliseconds, and not longer: nothing depends on it. */
const TELLING_MS = 2_000;

/** Functions that touch neither targets nor the vault, and tell what happened. */
function telling<R>(env: Environment, part: (table: Table) => R): Base & Using<R> & Pick<Deps, 'notices'> {
  const { config } = new DynamoDBClient(sdk);
  const access = { config, endpoint: env.AWS_ENDPOINT_URL, timeoutMs: TELLING_MS };
  return { ...withRegistry(env, part), notices: new EventBridgeNotices(access) };
}

/** The function that asks for approvals. */
export function composeApproval(): Telling<typeof forApproval> {
  return telling(parseEnvironment(process.env), forApproval);
}

/** The function that opens runs. It looks up whether the list of an approved bulk revocation holds one. */
export function composeOpen(): Telling<typeof forOpen> & Pick<Deps, 'lists' | 'spill'> {
  const env = parseEnvironment(process.env);
  const lists = new S3Lists(new S3Client(sdk), env.LISTS_BUCKET ?? '');
  return { ...telling(env, forOpen), ...spillOf(env), lists };
}

/** The function that closes runs. */
export function composeClose(): Telling<typeof forClose> & Pick<Deps, 'spill'> {
  const env = parseEnvironment(process.env);
  return { ...telling(env, forClose), ...spillOf(env) };
}

/** The function that freezes and counts whom a bulk revocation is for. */
export function composeBulk(): Telling<typeof forBulk> & Pick<Deps, 'lists' | 'bulk'> {
  const env = parseEnvironment(process.env);
  return {
    ...telling(env, forBulk),
    lists: new S3Lists(new S3Client(sdk), env.LISTS_BUCKET ?? ''),
    // Without its setting a function asks for an approval of everything.
    bulk: { approvalAbove: env.BULK_APPROVAL_ABOVE ?? 0, atOnce: env.BULK_AT_ONCE ?? 1 },
  };
}

/** The function that moves stage labels. */
export function composePromote(): Base &
  Using<ReturnType<typeof forPromote>> & { readonly vault: VaultLabels & VaultMoves } {
  const secrets = new SecretsManagerClient(sdk);
  const vault = { ...vaultLabels(secrets), ...vaultMoves(secrets) };
  return { ...withRegistry(parseEnvironment(process.env), forPromote), vault };
}

/** The functions of the sweep. */
export function composeSweep(): Base &
  Using<ReturnType<typeof forSweep>> &
  Pick<Deps, 'archive' | 'lists'> & { readonly vault: VaultLabels } {
  const env = parseEnvironment(process.env);
  return {
    ...withRegistry(env, forSweep),
    vault: vaultLabels(new SecretsManagerClient(sdk)),
    archive: new DynamoPolicyArchive(new DynamoDBClient(sdk), env.EVIDENCE_TABLE),
    lists: new S3Lists(new S3Client(sdk), env.LISTS_BUCKET ?? ''),
  };
}

/** The function that looks for what nobody works on. */
export function composeSettle(): Telling<typeof forSettle> & Pick<Deps, 'executions' | 'spill'> {
  const env = parseEnvironment(process.env);
  const machines = {
    ...(env.ROTATION_MACHINE !== undefined && { Rotation: env.ROTATION_MACHINE }),
    ...(env.SETTLE_MACHINE !== undefined && { Settle: env.SETTLE_MACHINE }),
    ...(env.BULK_MACHINE !== undefined && { BulkRevocation: env.BULK_MACHINE }),
  };
  const core = telling(env, forSettle);
  const executions = new StepFunctionsExecutions(new SFNClient(sdk), machines, core.now);
  return { ...core, ...spillOf(env), executions };
}

/** The function that starts runs for people. */
export function composeRequests(): Base & Using<ReturnType<typeof forRequests>> & Pick<Deps, 'executions'> {
  const env = parseEnvironment(process.env);
  const machines = {
    ...(env.ROTATION_MACHINE !== undefined && { Rotation: env.ROTATION_MACHINE }),
    ...(env.REVOCATION_MACHINE !== undefined && { Revocation: env.REVOCATION_MACHINE }),
    ...(env.BULK_MACHINE !== undefined && { BulkRevocation: env.BULK_MACHINE }),
  };
  const given = withRegistry(env, forRequests);
  return { ...given, executions: new StepFunctionsExecutions(new SFNClient(sdk), machines, given.now) };
}

/** The function that takes decisions, the only one that can end a wait. */
export function composeDecisions(): Telling<typeof forApproval> & { readonly tokens: TaskTokens } {
  return {
    ...telling(parseEnvironment(process.env), forApproval),
    tokens: stepFunctionsTaskTokens(new SFNClient(sdk)),
  };
}

/** The function that hears who started what. */
export function composeConfirm(): ConfirmDeps {
  const env = parseEnvironment(process.env);
  const { ROTATION_MACHINE, REVOCATION_MACHINE, BULK_MACHINE } = env;
  const machines = { rotation: ROTATION_MACHINE, revocation: REVOCATION_MACHINE, bulk: BULK_MACHINE };
  return { ...telling(env, forConfirm), machines };
}

/** The function that seals: it reads evidence and can write none, and nothing else can sign. */
export function composeSeal(): SealDeps {
  const env = parseEnvironment(process.env);
  const { now, timeoutMs, ledgerId, evidence, random } = base(env);
  return {
    now,
    holder: () => random(16).toString('hex'),
    timeoutMs,
    ledgerId,
    evidence,
    index: dynamoLedgerIndex(new DynamoDBClient(sdk), env.REGISTRY_TABLE),
    sealed: new S3SealedStore(new S3Client(sdk), env.SEALED_BUCKET ?? ''),
    signer: new KmsSigner(new KMSClient(sdk), env.SIGNING_KEY ?? ''),
  };
}

/** The function that answers questions: it reads tables and sealed lists, and can write nothing. */
export function composeQuery(): QueryDeps {
  const env = parseEnvironment(process.env);
  const dynamodb = new DynamoDBClient(sdk);
  const bucket = new S3SealedStore(new S3Client(sdk), env.SEALED_BUCKET ?? '');
  return {
    now: () => Date.now(),
    registry: forQuery(new Table(dynamodb, env.REGISTRY_TABLE)),
    evidence: new DynamoEvidenceStore(dynamodb, env.EVIDENCE_TABLE),
    archive: new DynamoPolicyArchive(dynamodb, env.EVIDENCE_TABLE),
    index: dynamoLedgerIndex(dynamodb, env.REGISTRY_TABLE),
    sealed: bucket,
    spill: spillIn(bucket),
  };
}

/** The witness: it reads the ledger of another account, and writes and signs in its own. */
export function composeWitness(): WitnessDeps {
  const env = parseWitnessEnvironment(process.env);
  const s3 = new S3Client(sdk);
  return {
    now: () => Date.now(),
    pinned: { origin: env.PINNED_ORIGIN, key: pinnedKey(env.PINNED_KEY) },
    ledger: new S3SealedStore(s3, env.LEDGER_BUCKET),
    own: new S3SealedStore(s3, env.OWN_BUCKET),
    signer: new KmsSigner(new KMSClient(sdk), env.SIGNING_KEY),
    memory: dynamoWitnessMemory(new DynamoDBClient(sdk), env.MEMORY_TABLE),
  };
}

/** The function that tells consumers to reload. */
export function composeConsumers(): Base & Using<Claims> & Pick<Deps, 'consumers'> {
  return { ...withRegistry(parseEnvironment(process.env), claims), consumers: httpConsumers() };
}

/** The function's own credentials, which the runtime of AWS Lambda puts into its environment. */
function own(env: Environment): Pick<Deps, 'own'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  const session = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN };
  return { own: new Material({ accessKeyId, secretAccessKey, ...session }) };
}

/** The function that changes targets of one kind. */
export function composeMutator(connector: Mutator): MutatorDeps {
  const env = parseEnvironment(process.env);
  const secrets = new SecretsManagerClient(sdk);
  return {
    ...withRegistry(env, forMutator),
    ...spillOf(env),
    ...own(env),
    vault: { ...vaultLabels(secrets), ...vaultMaterial(secrets), ...vaultCandidates(secrets) },
    connector,
    consumers: { observe: observing() },
    fingerprints: new KmsFingerprints(new KMSClient(sdk), env.FINGERPRINT_KEY ?? ''),
  };
}

/** The function that presents credentials to targets of one kind. */
export function composeProber(connector: Prober): ProberDeps {
  const env = parseEnvironment(process.env);
  const dynamodb = new DynamoDBClient(sdk);
  return {
    ...base(env, dynamodb),
    ...spillOf(env),
    ...own(env),
    registry: forProber(new AppendTable(dynamodb, env.REGISTRY_TABLE)),
    vault: vaultMaterial(new SecretsManagerClient(sdk)),
    connector,
    consumers: { observe: observing() },
  };
}

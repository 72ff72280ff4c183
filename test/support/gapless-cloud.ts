import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { secretsManagerVault } from '../../adapters/aws/vault';
import type { Vault } from '../../core/ports/vault';
import { startEngine, type Engine } from '../../apps/local/engine';
import type { Faults } from '../../apps/local/faults';
import type { TargetIdentity } from '../../apps/local/target/identity';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import { assemblyWith } from './assembly';
import { codeOf } from './error-code';

// The SDK's notice about Node 20 is not what these tests are about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

type Machine = 'Rotation' | 'Revocation' | 'BulkRevocation' | 'Sweep' | 'Settle';

/** The deployed app on the embedded engine: real bundles in worker threads behind the AWS wire protocols. */
export interface GaplessCloud {
  readonly engine: Engine;
  readonly dataDir: string;
  readonly faults: Faults;
  readonly registry: Registry;
  readonly evidence: EvidenceStore;
  readonly vault: Vault;
  arn(machine: Machine): string;
  execution(machine: Machine, name: string): string;
  /** Starts an execution; a second start of the same name is told by its error. */
  start(machine: Machine, name: string, input: object): Promise<'started' | 'exists'>;
  /** Lets engine time pass until an execution has ended. @returns what DescribeExecution says */
  ended(machine: Machine, name: string): Promise<Record<string, unknown>>;
  /** Lets engine time pass until no run of these identities is open and nothing is owed, or `minutes` are over. */
  untilSettled(identities: readonly string[], minutes: number): Promise<void>;
  remove(): Promise<void>;
}

/** An identity of any kind. */
type Deployed = Pick<TargetIdentity, 'id' | 'secrets'> & { readonly policy: object };

/** Deploys the app over these identities' policies and stores their secrets. The first sweep enrols them. */
export async function gaplessCloud(identities: readonly Deployed[]): Promise<GaplessCloud> {
  const assembly = await assemblyWith(identities.map(({ policy }) => policy));
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gapless-data-'));
  const faults: Faults = { at: async () => undefined };
  const engine = await startEngine({ assembly, dataDir, faults });
  const config = {
    endpoint: engine.endpoint,
    region: engine.region,
    credentials: engine.credentials,
    maxAttempts: 2,
  };
  const [dynamodb, secrets] = [new DynamoDBClient(config), new SecretsManagerClient(config)];
  for (const { secrets: owned } of identities) await store(secrets, owned);
  const { EvidenceTable = '', RegistryTable = '' } = engine.outputs('GaplessEvidence');
  const registry = dynamoRegistry(dynamodb, RegistryTable);
  const arn = (machine: Machine): string => engine.outputs('GaplessWorkflow')[`${machine}Machine`] ?? '';
  const execution = (machine: Machine, name: string): string =>
    `${arn(machine).replace(':stateMachine:', ':execution:')}:${name}`;
  await engine.advance(60_000);
  return {
    engine,
    dataDir,
    faults,
    registry,
    evidence: new DynamoEvidenceStore(dynamodb, EvidenceTable),
    vault: secretsManagerVault(secrets),
    arn,
    execution,
    start: (machine, name, input) => started(engine, arn(machine), name, input),
    ended: (machine, name) => ended(engine, execution(machine, name)),
    untilSettled: (ids, minutes) => untilSettled(engine, registry, ids, minutes),
    remove: async () => {
      await engine.stop();
      dynamodb.destroy();
      secrets.destroy();
      for (const folder of [assembly, dataDir]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function store(client: SecretsManagerClient, secrets: TargetIdentity['secrets']): Promise<void> {
  for (const [Name, { use, material }] of Object.entries(secrets)) {
    const Tags = [{ Key: 'gapless:use', Value: use }];
    const ClientRequestToken = randomUUID();
    await client.send(
      new CreateSecretCommand({ Name, SecretString: material.toVaultText(), Tags, ClientRequestToken }),
    );
  }
}

async function started(
  engine: Engine,
  stateMachineArn: string,
  name: string,
  input: object,
): Promise<'started' | 'exists'> {
  try {
    await engine.states.handle('StartExecution', { stateMachineArn, name, input: JSON.stringify(input) });
    return 'started';
  } catch (error) {
    if (codeOf(error) === 'ExecutionAlreadyExists') return 'exists';
    throw error;
  }
}

/** Seconds of engine time at once: below every retry interval that a worker may still be answering in. */
const STEP_MS = 2_000;

async function ended(engine: Engine, executionArn: string): Promise<Record<string, unknown>> {
  for (;;) {
    await engine.advance(STEP_MS);
    const answer = await engine.states.handle('DescribeExecution', { executionArn });
    if (answer['status'] !== 'RUNNING') return answer;
  }
}

async function untilSettled(
  engine: Engine,
  registry: Registry,
  ids: readonly string[],
  minutes: number,
): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    const open = (await registry.openRuns()).some(({ identityId }) => ids.includes(identityId));
    const owed = (await registry.openObligations(500)).some(({ identityId }) => ids.includes(identityId));
    if (!open && !owed) return;
    await engine.advance(60_000);
  }
}

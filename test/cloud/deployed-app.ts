import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { secretsManagerVault } from '../../adapters/aws/vault';
import type { Vault } from '../../core/ports/vault';
import { eventually } from '../support/eventually';
import type { AuditedIdentity, Stores } from '../support/oracle';
import { reachablePostgres, type ReachablePostgres } from '../support/postgres';
import { sceneGiven, type Identity, type Scene } from './handover';

type Machine = 'Rotation' | 'Revocation' | 'BulkRevocation' | 'Sweep' | 'Settle';

/** The app as it is deployed: its stores, its machines, and what it looks after. */
export interface DeployedApp extends Stores {
  readonly registry: ReturnType<typeof dynamoRegistry>;
  readonly vault: Vault;
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: Scene['credentials'];
    readonly maxAttempts: number;
  };
  readonly server: ReachablePostgres;
  readonly cast: Readonly<Record<keyof Scene['cast'], AuditedIdentity>>;
  /** Environment of a command of the command line that is to find this cloud. */
  readonly settings: Readonly<Record<string, string>>;
  /** Value of an output of either stack. */
  output(name: string): string;
  /** Waits until the first Sweep has taken the policies into the registry. */
  enrolled(): Promise<void>;
  start(machine: Machine, name: string, input: object): Promise<void>;
  /** Waits for the end of an execution. @returns its status, error and cause */
  ended(machine: Machine, name: string): Promise<Ended>;
  close(): void;
}

/** How an execution ended, as DescribeExecution says. */
export interface Ended {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Connects to what the runner deployed. @throws Error when the tests were not started by it */
export function deployedApp(): DeployedApp {
  const { outputs, postgres, cast, ...client } = sceneGiven();
  const config = { ...client, maxAttempts: 3 };
  const [dynamodb, secrets, states] = [
    new DynamoDBClient(config),
    new SecretsManagerClient(config),
    new SFNClient(config),
  ];
  const output = (name: string): string => outputs[name] ?? `no output ${name}`;
  const arn = (machine: Machine): string => output(`${machine}Machine`);
  const registry = dynamoRegistry(dynamodb, output('RegistryTable'));
  return {
    client: config,
    registry,
    evidence: new DynamoEvidenceStore(dynamodb, output('EvidenceTable')),
    vault: secretsManagerVault(secrets),
    server: reachablePostgres(postgres),
    cast: castOf(cast),
    settings: settings(),
    output,
    enrolled: async () => {
      await until(
        async () => registry.enrolledRevision(),
        (revision) => revision !== undefined,
      );
    },
    start: async (machine, name, input) => {
      const stateMachineArn = arn(machine);
      await states.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    },
    ended: async (machine, name) => {
      const executionArn = `${arn(machine).replace(':stateMachine:', ':execution:')}:${name}`;
      return until(
        async () => endOf(states, executionArn),
        ({ status }) => status !== 'RUNNING',
      );
    },
    close: () => [dynamodb, secrets, states].forEach((each) => each.destroy()),
  };
}

async function endOf(states: SFNClient, executionArn: string): Promise<Ended> {
  const {
    status = 'RUNNING',
    error,
    cause,
  } = await states.send(new DescribeExecutionCommand({ executionArn }));
  return { status, ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

function castOf({ scheduled, leaked, approved, sealed }: Scene['cast']): DeployedApp['cast'] {
  return {
    scheduled: known(scheduled),
    leaked: known(leaked),
    approved: known(approved),
    sealed: known(sealed),
  };
}

/** Their first material stays with the runner. */
function known(each: Identity): AuditedIdentity {
  return { ...each, secrets: {} };
}

function settings(): Readonly<Record<string, string>> {
  const names = [
    'AWS_ENDPOINT_URL',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'NODE_EXTRA_CA_CERTS',
  ];
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
}

const ASK_EVERY_MS = 500;

/** Asks the deployed app, at its own pace, until it answers so. @throws Error with the last answer after `limitMs` */
export async function until<T>(
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  limitMs = 180_000,
): Promise<T> {
  const paced = async (): Promise<T> => {
    await pause(ASK_EVERY_MS);
    return ask();
  };
  return eventually(paced, holds, limitMs);
}

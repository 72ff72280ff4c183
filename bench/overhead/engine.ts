import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { startEngine, type Engine } from '../../apps/local/engine';
import { assemblyWith } from '../../test/support/assembly';
import type { SeededIdentity } from '../../test/support/postgres-identity';
import { Tally, type Pipeline } from './pipeline';
import type { Identities } from './subject';

/** The synthesised app in the embedded engine: worker threads, signed requests, wire protocols, stores on disk. */
export async function enginePipeline(identities: Identities): Promise<Pipeline> {
  const pipeline = await enginePipelineOf(Object.values(identities));
  const { engine } = pipeline;
  const tally = new Tally();
  const rotate: Pipeline['rotate'] = (strategy) => pipeline.rotate(identities[strategy].id);
  return {
    name: 'embedded engine',
    goal: 1.6,
    rotate,
    counted: async (strategy) => {
      const before = engine.faults.at;
      engine.faults.at = (point) => {
        if (
          point.boundary === 'service' &&
          point.phase === 'after' &&
          !/settle|sweep|schedul/i.test(point.caller)
        )
          tally.add(`${point.service}:${point.action}`);
        return before(point);
      };
      await rotate(strategy);
      engine.faults.at = before;
      return tally.taken();
    },
    stop: () => pipeline.stop(),
  };
}

/** The app in the embedded engine over any identities, all of them enrolled. */
export interface EnginePipeline {
  readonly engine: Engine;
  /** Rotates an identity and checks that it ended well. */
  rotate(identityId: string): Promise<void>;
  /** Revokes an identity and checks that it ended well. */
  revoke(identityId: string): Promise<void>;
  stop(): Promise<void>;
}

/** What an identity has to bring to be rotated or revoked in the engine. */
export type Furnished = Pick<SeededIdentity, 'policy' | 'secrets'>;

/** Deploys the app over these identities' policies, stores their secrets and enrols them. */
export async function enginePipelineOf(identities: readonly Furnished[]): Promise<EnginePipeline> {
  const assembly = await assemblyWith(identities.map(({ policy }) => policy));
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'gapless-bench-'));
  const engine = await startEngine({ assembly, dataDir });
  await furnish(engine, identities);
  const machines = await machinesOf(engine);
  await ended(engine, machines, 'gapless-sweep', 'bench-sweep', {});
  let serial = 0;
  const run = (machine: string, name: string, identityId: string): Promise<void> =>
    ended(engine, machines, machine, name, { identityId, reason: 'a bench' });
  return {
    engine,
    rotate: (identityId) => {
      serial += 1;
      return run('gapless-rotation', `bench-${serial}`, identityId);
    },
    revoke: (identityId) => run('gapless-revocation', `of-${identityId}`, identityId),
    stop: async () => {
      await engine.stop();
      for (const folder of [dataDir, assembly]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function furnish(engine: Engine, identities: readonly Furnished[]): Promise<void> {
  const { endpoint, region, credentials } = engine;
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  for (const [Name, { use, material }] of identities.flatMap(({ secrets }) => Object.entries(secrets))) {
    const Tags = [{ Key: 'gapless:use', Value: use }];
    await client.send(new CreateSecretCommand({ Name, SecretString: material.toVaultText(), Tags }));
  }
  client.destroy();
}

const listedMachines = z.object({
  stateMachines: z.array(z.object({ name: z.string(), stateMachineArn: z.string() })),
});

async function machinesOf({ states }: Engine): Promise<ReadonlyMap<string, string>> {
  const { stateMachines } = listedMachines.parse(await states.handle('ListStateMachines', {}));
  return new Map(stateMachines.map(({ name, stateMachineArn }) => [name, stateMachineArn]));
}

async function ended(
  { states }: Engine,
  machines: ReadonlyMap<string, string>,
  machine: string,
  name: string,
  input: object,
): Promise<void> {
  const stateMachineArn = machines.get(machine);
  if (stateMachineArn === undefined)
    throw new Error(`no machine ${machine}; deployed are ${[...machines.keys()].join(', ')}`);
  const started = await states.handle('StartExecution', {
    stateMachineArn,
    name,
    input: JSON.stringify(input),
  });
  const { status, cause } = await states.finished(String(started['executionArn']));
  if (status !== 'SUCCEEDED') throw new Error(`${machine} ${name} ended ${String(status)}: ${String(cause)}`);
}

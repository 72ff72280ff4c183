import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, type ClientCredentials, type Engine } from '../../apps/local/engine';
import type { FaultAction, FaultPoint, Faults } from '../../apps/local/faults';
import { writeAssembly } from './engine-assembly';

// The SDK's notice about Node 20 is not what these tests are about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** What an SDK client is made with. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: ClientCredentials;
  readonly maxAttempts: number;
}

/** An embedded cloud with the fixture deployed, in folders of its own. */
export interface TestCloud {
  readonly engine: Engine;
  readonly assembly: string;
  readonly dataDir: string;
  /** Config of a client of the trusted host. */
  readonly client: ClientConfig;
  /** Config of a client that acts as a role. */
  as(roleArn: string): ClientConfig;
  /** Value of an output of either stack. */
  output(name: string): string;
  /** Lets this happen at the next fault point that fits. */
  once(fits: (point: FaultPoint) => boolean, action: FaultAction): void;
  /** Stops the engine and removes its folders. */
  remove(): Promise<void>;
}

/** Starts the fixture; `dataDir` to start again on a kept data folder. */
export async function openCloud(
  given: { readonly dataDir?: string; readonly assembly?: string } = {},
): Promise<TestCloud> {
  const assembly = given.assembly ?? writeAssembly();
  const dataDir = given.dataDir ?? mkdtempSync(join(tmpdir(), 'gapless-data-'));
  const faults: Faults = { at: async () => undefined };
  const engine = await startEngine({ assembly, dataDir, faults });
  const configOf = (credentials: ClientCredentials): ClientConfig => ({
    endpoint: engine.endpoint,
    region: engine.region,
    credentials,
    maxAttempts: 1,
  });
  return {
    engine,
    assembly,
    dataDir,
    client: configOf(engine.credentials),
    as: (roleArn) => configOf(engine.roleCredentials(roleArn)),
    output: (name) => engine.outputs('Data')[name] ?? engine.outputs('Work')[name] ?? `no output ${name}`,
    once: (fits, action) => {
      faults.at = async (point) => {
        if (!fits(point)) return undefined;
        faults.at = async () => undefined;
        return action;
      };
    },
    remove: async () => {
      await engine.stop();
      for (const folder of [assembly, dataDir]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { claimDataFolder } from './data-folder';
import { closeParts, openParts, type EngineParts, type PartsOptions } from './engine-parts';
import type { Credential } from './gateway/credentials';
import { sessionOf } from './service';
import { arn } from './services/arn';
import { openAssembly } from './template/assembly';
import { deploy, type Outputs } from './template/deploy';

/** How an engine is started. */
export interface EngineOptions extends Partial<Pick<PartsOptions, 'faults' | 'log'>> {
  /** Cloud assembly folder, as `cdk synth` writes it. */
  readonly assembly: string;
  /** Where tables, objects, secrets, keys, executions and the clock's offset are kept; created if missing. */
  readonly dataDir: string;
}

/** Keys as SDK clients take them. */
export type ClientCredentials = Pick<Credential, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

/** Parts of an engine that whoever started it may look into. */
type Shown = 'clock' | 'faults' | 'log' | 'lambda' | 'states' | 'events' | 'scheduler' | 'sns';

/** A running embedded cloud. */
export interface Engine extends Pick<EngineParts, Shown> {
  /** URL on loopback for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly region: string;
  /** Keys of the trusted host, which no role's policies bind. */
  readonly credentials: ClientCredentials;
  /** Outputs of a deployed stack. @throws Error naming the stacks there are */
  outputs(stackName: string): Readonly<Record<string, string>>;
  /** Keys of a session of a deployed role, bound by its policies; the session is called `host` unless named. */
  roleCredentials(roleArn: string, sessionName?: string): ClientCredentials;
  /** Moves time forward, through every schedule, wait and retry that falls due on the way. */
  advance(ms: number): Promise<void>;
  /** Ends everything; what was acknowledged is in the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded cloud and deploys a cloud assembly into it.
 * @throws Error when the assembly is missing, or names something the engine does not implement; nothing keeps running then
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const assembly = openAssembly(options.assembly);
  const release = claimDataFolder(options.dataDir);
  let parts: EngineParts | undefined;
  const close = async () => {
    if (parts) await closeParts(parts);
    release();
  };
  try {
    parts = await openParts({
      dataDir: options.dataDir,
      place: assembly.place,
      faults: options.faults ?? { at: async () => undefined },
      log: options.log ?? (() => undefined),
    });
    const outputs = await deploy(assembly, parts);
    parts.scheduler.start();
    return running(parts, outputs, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function running(parts: EngineParts, outputs: Outputs, close: () => Promise<void>): Engine {
  const { activity, clock, credentials, place } = parts;
  const roleArn = arn(place, 'iam', 'root');
  const host = { kind: 'admin', roleName: 'admin', sessionName: 'host', roleArn } as const;
  let stopped: Promise<void> | undefined;
  return {
    ...parts,
    region: place.region,
    credentials: credentials.issue(host),
    outputs: (stackName) => {
      const found = outputs.get(stackName);
      if (found) return found;
      throw new Error(`no stack ${stackName}; deployed are ${[...outputs.keys()].join(', ')}`);
    },
    roleCredentials: (roleArn, sessionName = 'host') => credentials.issue(sessionOf(roleArn, sessionName)),
    advance: async (ms) => {
      await activity.quiet();
      await clock.advance(ms);
      await activity.quiet();
      parts.keepClock();
    },
    stop: () => (stopped ??= close()),
  };
}

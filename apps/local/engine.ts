import type { EngineClock } from './clock';
import { claimDataFolder } from './data-folder';
import { closeParts, openParts, type EngineParts } from './engine-parts';
import type { Faults } from './faults';
import type { Credential } from './gateway/credentials';
import type { FunctionSpec, Lambda } from './lambda/lambda';
import type { LogLine, LogSink } from './lambda/log';
import { arn, nameOf } from './services/arn';
import type { Events } from './services/events';
import type { Scheduler } from './services/scheduler';
import type { Sns } from './services/sns';
import type { StatesService } from './services/states';
import { deploy, openAssembly, placeOf, type Outputs } from './template/deploy';
import type { Target } from './template/resource';

/** How an engine is started. */
export interface EngineOptions {
  /** Cloud assembly folder, as `cdk synth` writes it. */
  readonly assembly: string;
  /** Where tables, objects, secrets, keys, executions and the clock's offset are kept; created if missing. */
  readonly dataDir: string;
  /** Faults to let happen; its hook may be exchanged while the engine runs. */
  readonly faults?: Faults;
  /** Told every line that functions print and every failure of the engine's own. */
  readonly log?: (line: LogLine) => void;
}

/** Keys as SDK clients take them. */
export type ClientCredentials = Pick<Credential, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

/** A running embedded cloud. */
export interface Engine {
  /** URL on loopback for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly region: string;
  /** Keys of the trusted host, which no role's policies bind. */
  readonly credentials: ClientCredentials;
  readonly clock: EngineClock;
  readonly faults: Faults;
  readonly log: LogSink;
  readonly functions: readonly FunctionSpec[];
  readonly lambda: Lambda;
  readonly states: StatesService;
  readonly events: Events;
  readonly scheduler: Scheduler;
  readonly sns: Sns;
  /** Outputs of a deployed stack. @throws Error naming the stacks there are */
  outputs(stackName: string): Readonly<Record<string, string>>;
  /** Keys of a session of a deployed role, bound by its policies; the session is called `host` unless named. */
  roleCredentials(roleArn: string, sessionName?: string): ClientCredentials;
  /** Moves time forward, through every schedule, wait and retry that falls due on the way. */
  advance(ms: number): Promise<void>;
  /** Ends everything; what was acknowledged is in the data folder. */
  stop(): Promise<void>;
}

function targetOf(parts: EngineParts): Target {
  const code = new Map<string, string>();
  return {
    ...parts,
    addAsset: ({ bucket, key, path, packaging }) => {
      if (packaging === 'zip') code.set(`${bucket}/${key}`, path);
      else parts.s3.addAsset(bucket, key, path);
    },
    codeFolder: (bucket, key) => {
      const folder = code.get(`${bucket}/${key}`);
      if (folder) return folder;
      throw new Error(
        `no directory asset ${bucket}/${key} in the cloud assembly; gapless local runs code from directories`,
      );
    },
  };
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
      place: placeOf(assembly),
      faults: options.faults ?? { at: async () => undefined },
      log: options.log ?? (() => undefined),
    });
    const outputs = await deploy(assembly, targetOf(parts));
    parts.scheduler.start();
    return running(parts, outputs, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function running(parts: EngineParts, outputs: Outputs, close: () => Promise<void>): Engine {
  const { activity, clock, credentials, place } = parts;
  const host = { roleName: 'admin', sessionName: 'host', roleArn: arn(place, 'iam', 'root') };
  let stopped: Promise<void> | undefined;
  return {
    ...parts,
    region: place.region,
    credentials: credentials.issue({ kind: 'admin', ...host }),
    functions: parts.lambda.functions,
    outputs: (stackName) => {
      const found = outputs.get(stackName);
      if (found) return found;
      throw new Error(`no stack ${stackName}; deployed are ${[...outputs.keys()].join(', ')}`);
    },
    roleCredentials: (roleArn, sessionName = 'host') =>
      credentials.issue({ kind: 'role', roleArn, roleName: nameOf(roleArn), sessionName }),
    advance: async (ms) => {
      await activity.quiet();
      await clock.advance(ms);
      await activity.quiet();
      parts.keepClock();
    },
    stop: () => (stopped ??= close()),
  };
}

import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { Activity } from './activity';
import { EngineClock } from './clock';
import { Dispatcher } from './dispatch';
import { Credentials } from './gateway/credentials';
import { Gateway } from './gateway/gateway';
import { Iam } from './iam/iam';
import { Lambda } from './lambda/lambda';
import { LogSink, type LogLine } from './lambda/log';
import type { Service } from './service';
import { DynamoDb } from './services/dynamodb';
import { Events } from './services/events';
import type { ExecutionRecord } from './services/execution-record';
import { Kms } from './services/kms';
import { S3 } from './services/s3';
import { Scheduler } from './services/scheduler';
import { SecretsManager } from './services/secrets-manager';
import { Sns } from './services/sns';
import { StatesService } from './services/states';
import { Sts } from './services/sts';
import { statesPorts } from './states-ports';
import { Documents } from './store';
import type { Surroundings } from './surroundings';

/** What the parts of an engine are made from. */
export interface PartsOptions extends Pick<Surroundings, 'dataDir' | 'place' | 'faults'> {
  /** Told every line that functions print and every failure of the engine's own. */
  readonly log: (line: LogLine) => void;
}

const Offset = z.object({ offsetMs: z.number() });

function openBase({ log: listener, ...options }: PartsOptions) {
  const activity = new Activity();
  const kept = new Documents(options.dataDir, 'clock', Offset, () => 'clock');
  const { offsetMs } = kept.get('clock') ?? { offsetMs: 0 };
  const clock = new EngineClock({ offsetMs, settle: () => activity.quiet() });
  const log = new LogSink(options.dataDir, clock, listener);
  const onError = (what: string, error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.write('engine', 'stderr', `${what}: ${text}`);
  };
  const keepClock = () => kept.save({ offsetMs: clock.offsetMs() });
  return { ...options, activity, clock, keepClock, log, onError, credentials: new Credentials() };
}

const Head = z.looseObject({ executionArn: z.string(), status: z.string(), history: z.array(z.unknown()) });
/** What the service itself wrote; only enough is checked to tell a broken file by name. */
const StoredExecution = z.custom<ExecutionRecord>((value) => Head.safeParse(value).success);

/** Every part of an engine, wired together, listening, with nothing deployed yet. */
export type EngineParts = Awaited<ReturnType<typeof openParts>>;

/** Builds the parts and opens what they keep. @throws Error when the data folder cannot be opened */
export async function openParts(options: PartsOptions) {
  const base = openBase(options);
  const services = new Map<string, Service>();
  const dispatcher = new Dispatcher({ ...base, services, authorise: (call) => iam.authorise(call) });
  const around: Surroundings = { ...base, call: (call) => dispatcher.call(call) };
  const data = {
    dynamodb: new DynamoDb(around),
    kms: new Kms(around),
    s3: new S3(around),
    secrets: new SecretsManager(around),
    sns: new Sns(),
    events: new Events(around),
  };
  const iam = new Iam({ ...around, ...data });
  const gateway = new Gateway({ ...around, dispatcher });
  const endpoint = await gateway.listen();
  const work = {
    lambda: new Lambda({ ...around, clockOffset: base.clock.shared, endpoint }),
    states: new StatesService({
      ...around,
      ...statesPorts(around, data.events),
      chance: { random: Math.random, uuid: randomUUID },
      store: new Documents(base.dataDir, 'executions', StoredExecution, ({ executionArn }) => executionArn),
    }),
  };
  for (const each of [...Object.values(data), ...Object.values(work), new Sts(around, iam)])
    services.set(each.name, each);
  return { ...base, ...data, ...work, scheduler: new Scheduler(around), iam, gateway, endpoint };
}

/** Ends every part in the order that loses nothing. */
export async function closeParts(parts: EngineParts): Promise<void> {
  parts.scheduler.stop();
  parts.keepClock();
  await parts.states.stop();
  await parts.lambda.stop();
  await parts.gateway.close();
  parts.dynamodb.store.close();
  parts.clock.stop();
}

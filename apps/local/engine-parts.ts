import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { Activity } from './activity';
import { EngineClock } from './clock';
import { Dispatcher, type Call } from './dispatch';
import type { Faults } from './faults';
import { Credentials } from './gateway/credentials';
import { Gateway } from './gateway/gateway';
import { Iam } from './iam/iam';
import type { Inventory } from './iam/questions';
import { Lambda } from './lambda/lambda';
import { LogSink, type LogLine } from './lambda/log';
import type { Service } from './service';
import type { Place } from './services/arn';
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
import { DocumentStore } from './store';

/** What the parts of an engine are made from. */
export interface PartsOptions {
  readonly dataDir: string;
  readonly place: Place;
  readonly faults: Faults;
  readonly log: (line: LogLine) => void;
}

const Kept = z.object({ offsetMs: z.number() });

/** The clock with the offset it had when the engine was last stopped, shared with every worker. */
function openClock(dataDir: string, activity: Activity) {
  const store = new DocumentStore(dataDir, 'clock');
  const offsetMs = store.all((value) => Kept.parse(value))[0]?.offsetMs ?? 0;
  const clock = new EngineClock({ offsetMs, settle: () => activity.quiet() });
  const clockOffset = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const cell = new BigInt64Array(clockOffset);
  const share = (offset: number) => void Atomics.store(cell, 0, BigInt(Math.round(offset)));
  share(offsetMs);
  clock.onAdvance(share);
  return { clock, clockOffset, keepClock: () => store.save('clock', { offsetMs: clock.offsetMs() }) };
}

function openBase({ log: listener, ...options }: PartsOptions) {
  const activity = new Activity();
  const time = openClock(options.dataDir, activity);
  const log = new LogSink(options.dataDir, time.clock, listener);
  const onError = (what: string, error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.write('engine', 'stderr', `${what}: ${text}`);
  };
  const services = new Map<string, Service>();
  return { ...options, ...time, activity, log, onError, credentials: new Credentials(), services };
}
type Base = ReturnType<typeof openBase>;

function openData({ dataDir, place, clock }: Base) {
  return {
    dynamodb: new DynamoDb(join(dataDir, 'dynamodb')),
    kms: new Kms(place, new DocumentStore(dataDir, 'kms')),
    s3: new S3(new DocumentStore(dataDir, 's3'), clock),
    secrets: new SecretsManager(place, new DocumentStore(dataDir, 'secrets'), clock),
    sns: new Sns(),
  };
}
type Data = ReturnType<typeof openData>;

function openDoor(base: Base, { dynamodb, kms, secrets }: Data) {
  const inventory: Inventory = {
    place: base.place,
    partitionKey: (table, index) => dynamodb.partitionKey(table, index),
    secretArn: (id) => secrets.arnOf(id),
    secretTags: (id) => secrets.tagsOf(id),
    keyArn: (id) => kms.arnOf(id),
  };
  const iam = new Iam(inventory, () => base.clock.now());
  const dispatcher = new Dispatcher({ ...base, authorise: (call) => iam.authorise(call) });
  const gateway = new Gateway({ ...base, dispatcher, onDefect: (error) => base.onError('gateway', error) });
  return { iam, gateway, call: (call: Call) => dispatcher.call(call) };
}

const Head = z.looseObject({ executionArn: z.string(), status: z.string(), history: z.array(z.unknown()) });
/** What the service itself wrote; only enough is checked to tell a broken file by name. */
const StoredExecution = z.custom<ExecutionRecord>((value) => Head.safeParse(value).success);

function executionStore(dataDir: string) {
  const store = new DocumentStore(dataDir, 'executions');
  return {
    // Files come in the order of their names; listings are in the order of starts.
    load: async () =>
      store.all((value) => StoredExecution.parse(value)).toSorted((a, b) => a.startDate - b.startDate),
    save: async (record: ExecutionRecord) => store.save(record.executionArn, record),
  };
}

/** Every part of an engine, wired together, listening, with nothing deployed yet. */
export type EngineParts = Awaited<ReturnType<typeof openParts>>;

/** Builds the parts and opens what they keep. @throws Error when the data folder cannot be opened */
export async function openParts(options: PartsOptions) {
  const base = openBase(options);
  const data = openData(base);
  const { gateway, ...door } = openDoor(base, data);
  await data.dynamodb.start();
  const endpoint = await gateway.listen();
  const work = {
    events: new Events({ ...base, ...door }),
    scheduler: new Scheduler({ ...base, ...door }),
    lambda: new Lambda({ ...base, endpoint }),
  };
  const states = await StatesService.open({
    ...base,
    chance: { random: Math.random, uuid: randomUUID },
    store: executionStore(base.dataDir),
    ...statesPorts(door, work.events),
  });
  const sts = new Sts({ ...base, ...door });
  const stored = [data.dynamodb, data.secrets, data.kms, data.s3, data.sns];
  for (const each of [...stored, work.events, work.lambda, states, sts]) base.services.set(each.name, each);
  return { ...base, ...data, ...door, ...work, gateway, states, endpoint };
}

/** Ends every part in the order that loses nothing. */
export async function closeParts(parts: EngineParts): Promise<void> {
  parts.scheduler.stop();
  parts.keepClock();
  await parts.states.stop();
  await parts.lambda.stop();
  await parts.gateway.close();
  await parts.dynamodb.stop();
  parts.clock.stop();
}

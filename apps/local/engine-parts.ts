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
import { Lambda } from './lambda/lambda';
import { LogSink, type LogLine } from './lambda/log';
import { ServiceError, type Service } from './service';
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

function openBase(options: PartsOptions) {
  const activity = new Activity();
  const time = openClock(options.dataDir, activity);
  const log = new LogSink(options.dataDir, time.clock, options.log);
  const onError = (what: string, error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.write('engine', 'stderr', `${what}: ${text}`);
  };
  return {
    ...options,
    ...time,
    activity,
    log,
    onError,
    credentials: new Credentials(),
    services: new Map<string, Service>(),
  };
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
  const inventory = {
    place: base.place,
    keysOf: (table: string, index?: string) => dynamodb.keysOf(table, index),
    secretArn: (id: string) => secrets.arnOf(id),
    secretTags: (id: string) => secrets.tagsOf(id),
    keyArn: (id: string) => kms.arnOf(id),
  };
  const iam = new Iam(inventory, () => base.clock.now());
  const dispatcher = new Dispatcher({ ...base, authorise: (call) => iam.authorise(call) });
  const gateway = new Gateway({ ...base, dispatcher, onDefect: (error) => base.onError('gateway', error) });
  return { iam, gateway, call: (call: Call) => dispatcher.call(call) };
}
type Door = ReturnType<typeof openDoor>;

function openWork(base: Base, { call }: Door, endpoint: string) {
  return {
    events: new Events({ ...base, call }),
    scheduler: new Scheduler({ ...base, call }),
    lambda: new Lambda({ ...base, region: base.place.region, endpoint }),
  };
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

function openSts({ place, credentials, clock }: Base, { iam }: Door): Sts {
  return new Sts(place, credentials, clock, (roleArn, caller) => {
    if (caller.kind === 'admin' || iam.trusts(roleArn, caller.roleArn)) return;
    const message = `${caller.roleArn} is not authorized to perform: sts:AssumeRole on ${roleArn}`;
    throw new ServiceError('AccessDenied', message, 403);
  });
}

/** Every part of an engine, wired together, listening, with nothing deployed yet. */
export type EngineParts = Awaited<ReturnType<typeof openParts>>;

/** Builds the parts and opens what they keep. @throws Error when the data folder cannot be opened */
export async function openParts(options: PartsOptions) {
  const base = openBase(options);
  const data = openData(base);
  const door = openDoor(base, data);
  await data.dynamodb.start();
  const endpoint = await door.gateway.listen();
  const work = openWork(base, door, endpoint);
  const states = await StatesService.open({
    clock: base.clock,
    chance: { random: Math.random, uuid: randomUUID },
    store: executionStore(base.dataDir),
    faults: base.faults,
    ...statesPorts(door, work.events),
  });
  const served = [data.dynamodb, data.secrets, data.kms, data.s3, data.sns, work.events, work.lambda, states];
  for (const service of [...served, openSts(base, door)]) base.services.set(service.name, service);
  return { ...base, ...data, ...door, ...work, states, endpoint };
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

import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Activity } from '../activity';
import type { Clock } from '../clock';
import { AnswerLost } from '../dispatch';
import { underFaults, type Faults } from '../faults';
import type { Credentials } from '../gateway/credentials';
import { action, ActionTable, ServiceError, unsupported } from '../service';
import { nameOf, type Place } from '../services/arn';
import { InvokeUrl, urlEvent } from './function-url';
import type { LogSink } from './log';
import { exited, FunctionWorker, type Outcome } from './worker';

/** A function as its template describes it. */
export interface FunctionSpec {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Folder of the unpacked code asset. */
  readonly folder: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Answer of an invocation; a failed function is an answer, not a rejection. */
export interface Invocation {
  readonly payload: unknown;
  readonly functionError?: 'Unhandled';
  readonly errorType?: string;
}

/** What functions need from the engine. */
export interface LambdaDeps {
  readonly clock: Clock;
  readonly clockOffset: SharedArrayBuffer;
  readonly credentials: Credentials;
  readonly faults: Faults;
  readonly log: LogSink;
  readonly activity: Activity;
  readonly place: Place;
  /** URL of the gateway, under which function URLs lie too. */
  readonly endpoint: string;
}

interface Pool {
  readonly spec: FunctionSpec;
  readonly idle: FunctionWorker[];
  readonly busy: Set<FunctionWorker>;
}

const ASYNC_RETRIES_MS = [60_000, 120_000];
const Invoke = z.object({
  FunctionName: z.string(),
  InvocationType: z.prefault(z.string(), 'RequestResponse'),
  Payload: z.prefault(z.string(), ''),
});

/** Lambda: every function runs its bundle in worker threads with its own environment and its role's keys. */
export class Lambda extends ActionTable {
  readonly name = 'lambda';
  protected readonly actions = {
    Invoke: action(Invoke, (input) => this.#invoke(input)),
    InvokeUrl: action(InvokeUrl, async (input, caller) => {
      const event = urlEvent(input, caller, { place: this.deps.place, now: this.deps.clock.now() });
      const { payload, functionError } = await this.invoke(input.FunctionName, event);
      if (functionError) throw new ServiceError('BadGateway', 'Internal Server Error', 502);
      return payload;
    }),
  };
  readonly #pools = new Map<string, Pool>();

  constructor(private readonly deps: LambdaDeps) {
    super();
  }

  /** The gateway's URL, under which function URLs lie. */
  get endpoint(): string {
    return this.deps.endpoint;
  }

  /** All deployed functions. */
  get functions(): readonly FunctionSpec[] {
    return [...this.#pools.values()].map((pool) => pool.spec);
  }

  /** Makes a function invocable. */
  ensureFunction(spec: FunctionSpec): void {
    this.#pools.set(spec.name, { spec, idle: [], busy: new Set() });
  }

  /**
   * Invokes a function and waits for its answer.
   * @throws ServiceError ResourceNotFoundException; AnswerLost under the fault `drop`.
   */
  async invoke(nameOrArn: string, payload: unknown): Promise<Invocation> {
    const pool = this.#pool(nameOrArn);
    const done = this.deps.activity.begin();
    try {
      const outcome = await this.#run(pool, payload);
      if ('payload' in outcome) return { payload: JSON.parse(outcome.payload) };
      return { payload: outcome.error, functionError: 'Unhandled', errorType: outcome.error.errorType };
    } finally {
      done();
    }
  }

  /** Invokes without waiting; a failed function is tried twice more, after one and two minutes of engine time. */
  invokeLater(nameOrArn: string, payload: unknown, attempt = 0): void {
    this.#pool(nameOrArn);
    const { clock } = this.deps;
    const pause = ASYNC_RETRIES_MS[attempt];
    const retry = () =>
      pause !== undefined &&
      clock.schedule(clock.now() + pause, () => this.invokeLater(nameOrArn, payload, attempt + 1));
    this.invoke(nameOrArn, payload).then((answer) => answer.functionError && retry(), retry);
  }

  /** How many invocations of a function are underway. */
  busy(nameOrArn: string): number {
    return this.#pool(nameOrArn).busy.size;
  }

  /** Kills every worker of a function; invocations underway answer `Runtime.ExitError`. */
  async kill(nameOrArn: string): Promise<void> {
    const { idle, busy } = this.#pool(nameOrArn);
    const all = [...idle.splice(0), ...busy];
    await Promise.all(all.map((worker) => worker.terminate(exited('signal: killed'))));
  }

  /** Ends every worker. */
  async stop(): Promise<void> {
    await Promise.all([...this.#pools.keys()].map((name) => this.kill(name)));
  }

  async #invoke({ FunctionName, InvocationType, Payload }: z.infer<typeof Invoke>) {
    const payload = parsePayload(Payload);
    switch (InvocationType) {
      case 'RequestResponse': {
        const { payload: result, functionError } = await this.invoke(FunctionName, payload);
        const failed = functionError ? { FunctionError: functionError } : {};
        return { StatusCode: 200, Payload: JSON.stringify(result), ...failed };
      }
      case 'Event':
        this.invokeLater(FunctionName, payload);
        return { StatusCode: 202, Payload: '' };
      default:
        throw unsupported(this.name, `Invoke with InvocationType ${InvocationType}`);
    }
  }

  #pool(nameOrArn: string): Pool {
    const pool = this.#pools.get(nameOf(nameOrArn));
    if (pool) return pool;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
  }

  /** Runs one invocation on a worker that is its own until every fault has happened. */
  async #run(pool: Pool, payload: unknown): Promise<Outcome> {
    const { spec, idle, busy } = pool;
    const worker = idle.pop() ?? this.#start(pool);
    busy.add(worker);
    try {
      return await underFaults<Outcome>({
        at: (phase) => this.deps.faults.at({ boundary: 'lambda', phase, functionName: spec.name, payload }),
        clock: this.deps.clock,
        perform: () => this.#invokeOn(worker, spec, payload),
        failed: (errorType, errorMessage) => ({ error: { errorType, errorMessage } }),
        killed: async () => {
          await worker.terminate(exited('signal: killed'));
          return { error: exited('signal: killed') };
        },
        lost: () => {
          throw new AnswerLost({ service: this.name, action: 'Invoke' });
        },
      });
    } finally {
      busy.delete(worker);
      if (worker.alive) idle.push(worker);
    }
  }

  async #invokeOn(worker: FunctionWorker, spec: FunctionSpec, payload: unknown): Promise<Outcome> {
    const { clock } = this.deps;
    const requestId = randomUUID();
    const deadlineMs = clock.now() + spec.timeoutSeconds * 1000;
    const alarm = clock.schedule(deadlineMs, () => {
      const late = `RequestId: ${requestId} Error: Task timed out after ${spec.timeoutSeconds.toFixed(2)} seconds`;
      void worker.terminate({ errorType: 'Sandbox.Timedout', errorMessage: late });
    });
    const outcome = await worker.invoke(requestId, JSON.stringify(payload) ?? 'null', deadlineMs);
    alarm.cancel();
    return outcome;
  }

  #start({ spec, idle }: Pool): FunctionWorker {
    const { credentials, clockOffset, log } = this.deps;
    const { name, arn, roleArn, folder, handler } = spec;
    const principal = { roleArn, roleName: nameOf(roleArn), sessionName: name, functionName: name };
    const keys = credentials.issue({ kind: 'role', ...principal }, () => void worker.terminate());
    const worker: FunctionWorker = new FunctionWorker({
      folder,
      handler,
      functionArn: arn,
      environment: {
        ...this.#environment(spec),
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_SESSION_TOKEN: keys.sessionToken ?? '',
      },
      clockOffset,
      onOutput: (stream, text) => log.write(name, stream, text),
      onExit: () => {
        credentials.withdraw(keys.accessKeyId);
        const at = idle.indexOf(worker);
        if (at >= 0) idle.splice(at, 1);
      },
    });
    return worker;
  }

  #environment(spec: FunctionSpec): Record<string, string> {
    return {
      ...spec.environment,
      AWS_ENDPOINT_URL: this.deps.endpoint,
      AWS_REGION: this.deps.place.region,
      AWS_DEFAULT_REGION: this.deps.place.region,
      AWS_LAMBDA_FUNCTION_NAME: spec.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
      // The SDK's notice about Node 20 would land in every function's log.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      TZ: ':UTC',
      PATH: process.env['PATH'] ?? '',
      NODE_OPTIONS: '',
    };
  }
}

function parsePayload(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ServiceError(
      'InvalidRequestContentException',
      'Could not parse request body into json; the function was not invoked.',
    );
  }
}

import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { parseJson } from '../asl/json';
import { AnswerLost } from '../dispatch';
import { raise, underFaults } from '../faults';
import type { Credential } from '../gateway/credentials';
import { action, ActionTable, ServiceError, sessionOf } from '../service';
import { nameOf } from '../services/arn';
import type { Surroundings } from '../surroundings';
import { functionUrlOf, InvokeUrl, urlEvent } from './function-url';
import { exited, FunctionWorker, type Outcome } from './worker';

const environment = z.object({ Variables: z.prefault(z.record(z.string(), z.coerce.string()), {}) });

/** Properties of a function in a template, as far as they have an effect here; Timeout in seconds, MemorySize in MB. */
export const FunctionProperties = z.object({
  FunctionName: z.optional(z.string()),
  Code: z.object({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string().check(z.startsWith('nodejs')),
  Timeout: z.prefault(z.coerce.number(), 3),
  MemorySize: z.prefault(z.coerce.number(), 128),
  Environment: z.prefault(environment, {}),
  ReservedConcurrentExecutions: z.optional(z.never()),
});

/** A deployed function. */
export interface FunctionSpec extends z.infer<typeof FunctionProperties> {
  readonly name: string;
  readonly arn: string;
  /** Folder of the unpacked code asset. */
  readonly folder: string;
}

/** What functions need from the engine. */
export interface LambdaDeps extends Surroundings {
  readonly clockOffset: SharedArrayBuffer;
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
  InvocationType: z.prefault(z.enum(['RequestResponse', 'Event']), 'RequestResponse'),
  Payload: z.prefault(z.string(), ''),
});

/** Lambda: every function runs its bundle in worker threads with its own environment and its role's keys. */
export class Lambda extends ActionTable {
  readonly name = 'lambda';
  protected readonly actions = {
    Invoke: action(Invoke, (input) => this.#invoke(input)),
    InvokeUrl: action(InvokeUrl, async (input, caller) => {
      const outcome = await this.invoke(input.FunctionName, urlEvent(input, caller, this.deps));
      if ('error' in outcome) throw new ServiceError('BadGateway', 'Internal Server Error', 502);
      return JSON.parse(outcome.payload);
    }),
  };
  readonly #pools = new Map<string, Pool>();

  constructor(private readonly deps: LambdaDeps) {
    super();
  }

  /** All deployed functions. */
  get functions(): readonly FunctionSpec[] {
    return [...this.#pools.values()].map(({ spec }) => spec);
  }

  /** Address of a function's URL. */
  urlOf(name: string): string {
    return functionUrlOf(this.deps.endpoint, name);
  }

  /** Makes a function invocable. */
  ensureFunction(spec: FunctionSpec): void {
    this.#pools.set(spec.name, { spec, idle: [], busy: new Set() });
  }

  /**
   * Invokes a function and waits for its answer; a failed function is an answer, not a rejection.
   * @throws ServiceError ResourceNotFoundException; AnswerLost under the fault `drop`.
   */
  async invoke(nameOrArn: string, payload: unknown): Promise<Outcome> {
    return this.#run(this.#pool(nameOrArn), payload).finally(this.deps.activity.begin());
  }

  /** Invokes without waiting; a failed function is tried twice more, after one and two minutes of engine time. */
  invokeLater(nameOrArn: string, payload: unknown, attempt = 0): void {
    this.#pool(nameOrArn);
    const { clock } = this.deps;
    const pause = ASYNC_RETRIES_MS[attempt];
    const again = () => this.invokeLater(nameOrArn, payload, attempt + 1);
    const retry = () => pause !== undefined && clock.schedule(clock.now() + pause, again);
    this.invoke(nameOrArn, payload).then((outcome) => 'error' in outcome && retry(), retry);
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
    const payload = Payload === '' ? {} : parseJson(Payload, notInvoked);
    if (InvocationType === 'Event') {
      this.invokeLater(FunctionName, payload);
      return { StatusCode: 202, Payload: '' };
    }
    const outcome = await this.invoke(FunctionName, payload);
    if ('payload' in outcome) return { StatusCode: 200, Payload: outcome.payload };
    return { StatusCode: 200, Payload: JSON.stringify(outcome.error), FunctionError: 'Unhandled' };
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
        lost: () => raise(new AnswerLost({ service: this.name, action: 'Invoke' })),
      });
    } finally {
      busy.delete(worker);
      if (worker.alive) idle.push(worker);
    }
  }

  async #invokeOn(worker: FunctionWorker, spec: FunctionSpec, payload: unknown): Promise<Outcome> {
    const { clock } = this.deps;
    const requestId = randomUUID();
    const deadlineMs = clock.now() + spec.Timeout * 1000;
    const alarm = clock.schedule(deadlineMs, () => {
      const late = `RequestId: ${requestId} Error: Task timed out after ${spec.Timeout.toFixed(2)} seconds`;
      void worker.terminate({ errorType: 'Sandbox.Timedout', errorMessage: late });
    });
    const text = JSON.stringify(payload) ?? 'null';
    return worker.invoke(requestId, text, deadlineMs).finally(() => alarm.cancel());
  }

  #start({ spec, idle }: Pool): FunctionWorker {
    const { credentials, clockOffset, log } = this.deps;
    const { name, arn, Role, folder, Handler: handler } = spec;
    const principal = { ...sessionOf(Role, name), functionName: name };
    const keys = credentials.issue(principal, () => void worker.terminate());
    const worker: FunctionWorker = new FunctionWorker({
      folder,
      handler,
      functionArn: arn,
      environment: this.#environment(spec, keys),
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

  #environment(spec: FunctionSpec, keys: Credential): Record<string, string> {
    return {
      ...spec.Environment.Variables,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken ?? '',
      AWS_ENDPOINT_URL: this.deps.endpoint,
      AWS_REGION: this.deps.place.region,
      AWS_DEFAULT_REGION: this.deps.place.region,
      AWS_LAMBDA_FUNCTION_NAME: spec.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.MemorySize),
      // The SDK's notice about Node 20 would land in every function's log.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      TZ: ':UTC',
      PATH: process.env['PATH'] ?? '',
      NODE_OPTIONS: '',
    };
  }
}

function notInvoked(): ServiceError {
  const why = 'Could not parse request body into json; the function was not invoked.';
  return new ServiceError('InvalidRequestContentException', why);
}

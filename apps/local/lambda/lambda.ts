import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Activity } from '../activity';
import type { Clock } from '../clock';
import { AnswerLost, unsupported } from '../dispatch';
import type { FaultPhase, Faults } from '../faults';
import type { Credentials } from '../gateway/credentials';
import { ServiceError, type Caller, type Service } from '../service';
import { nameOf } from '../services/arn';
import type { LogSink } from './log';
import { FunctionWorker, type FunctionError, type Outcome } from './worker';

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
  readonly reservedConcurrency?: number;
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
  readonly region: string;
  /** Asked when a worker starts: the gateway's URL. */
  readonly endpoint: () => string;
}

interface Instance {
  readonly worker: FunctionWorker;
}
interface Pool {
  spec: FunctionSpec;
  readonly idle: Instance[];
  readonly busy: Set<Instance>;
}

/** Decides the final outcome while the instance that ran is still held. */
type After = (outcome: Outcome, instance: Instance) => Promise<Outcome>;
const keep: After = (outcome) => Promise.resolve(outcome);

const ASYNC_RETRIES_MS = [60_000, 120_000];
const Invoke = z.object({
  FunctionName: z.string(),
  InvocationType: z.prefault(z.string(), 'RequestResponse'),
  Payload: z.prefault(z.string(), ''),
});

const exited = (requestId: string): FunctionError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
});
const timedOut = (requestId: string, seconds: number): FunctionError => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
});

/** Lambda: every function runs its bundle in worker threads with its own environment and its role's keys. */
export class Lambda implements Service {
  readonly name = 'lambda';
  readonly #deps: LambdaDeps;
  readonly #pools = new Map<string, Pool>();

  constructor(deps: LambdaDeps) {
    this.#deps = deps;
  }

  /** The gateway's URL, under which function URLs lie. */
  get endpoint(): string {
    return this.#deps.endpoint();
  }

  /** All deployed functions. */
  get functions(): readonly FunctionSpec[] {
    return [...this.#pools.values()].map((pool) => pool.spec);
  }

  /** Makes a function invocable. */
  ensureFunction(spec: FunctionSpec): void {
    this.#pools.set(spec.name, { spec, idle: [], busy: new Set() });
  }

  async handle(action: string, input: Record<string, unknown>, caller: Caller): Promise<unknown> {
    if (action !== 'Invoke') throw unsupported(this.name, action);
    const { FunctionName, InvocationType, Payload } = Invoke.parse(input);
    const payload = parsePayload(Payload);
    switch (InvocationType) {
      case 'RequestResponse': {
        const { payload: result, functionError } = await this.invoke(FunctionName, payload, { caller });
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

  /**
   * Invokes a function and waits for its answer.
   * @throws ServiceError ResourceNotFoundException, TooManyRequestsException; AnswerLost under the fault `drop`.
   */
  async invoke(nameOrArn: string, payload: unknown, _by?: { readonly caller: Caller }): Promise<Invocation> {
    const pool = this.#pool(nameOrArn);
    const done = this.#deps.activity.begin();
    try {
      const outcome = await this.#faulty(pool, payload);
      if ('payload' in outcome) return { payload: JSON.parse(outcome.payload) };
      return { payload: outcome.error, functionError: 'Unhandled', errorType: outcome.error.errorType };
    } finally {
      done();
    }
  }

  /** Invokes without waiting; a failed function is tried twice more, after one and two minutes of engine time. */
  invokeLater(nameOrArn: string, payload: unknown, attempt = 0): void {
    this.#pool(nameOrArn);
    const again = ASYNC_RETRIES_MS[attempt];
    const retry = () => {
      if (again === undefined) return;
      this.#deps.clock.schedule(this.#deps.clock.now() + again, () =>
        this.invokeLater(nameOrArn, payload, attempt + 1),
      );
    };
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
    await Promise.all(all.map(({ worker }) => worker.terminate(exited('killed'))));
  }

  /** Ends every worker. */
  async stop(): Promise<void> {
    await Promise.all([...this.#pools.keys()].map((name) => this.kill(name)));
  }

  #pool(nameOrArn: string): Pool {
    const pool = this.#pools.get(nameOf(nameOrArn));
    if (pool) return pool;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
  }

  async #faulty(pool: Pool, payload: unknown): Promise<Outcome> {
    const before = await this.#fault(pool, 'before', payload);
    if (before === 'twice') await this.#run(pool, payload, keep);
    if (before !== 'go' && before !== 'twice') return { error: before };
    return this.#run(pool, payload, async (outcome, instance) => {
      const after = await this.#fault(pool, 'after', payload, instance);
      if (after === 'twice') return this.#run(pool, payload, keep);
      return after === 'go' ? outcome : { error: after };
    });
  }

  async #fault(
    pool: Pool,
    phase: FaultPhase,
    payload: unknown,
    instance?: Instance,
  ): Promise<'go' | 'twice' | FunctionError> {
    const { name } = pool.spec;
    const action = await this.#deps.faults.at({ boundary: 'lambda', phase, functionName: name, payload });
    if (!action) return 'go';
    switch (action.do) {
      case 'fail':
        return { errorType: action.error, errorMessage: action.message };
      case 'delay':
        await this.#deps.clock.sleep(action.ms);
        return 'go';
      case 'kill':
        await instance?.worker.terminate(exited(randomUUID()));
        return exited(randomUUID());
      case 'drop':
        if (phase === 'before') await this.#run(pool, payload, keep);
        throw new AnswerLost({ service: this.name, action: 'Invoke' });
      case 'duplicate':
        return 'twice';
      default:
        return action satisfies never;
    }
  }

  async #run(pool: Pool, payload: unknown, then: After): Promise<Outcome> {
    const limit = pool.spec.reservedConcurrency;
    if (limit !== undefined && pool.busy.size >= limit) {
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    const instance = pool.idle.pop() ?? this.#start(pool);
    pool.busy.add(instance);
    try {
      return await then(await this.#invokeOn(instance, pool.spec, payload), instance);
    } finally {
      pool.busy.delete(instance);
      if (instance.worker.alive) pool.idle.push(instance);
    }
  }

  async #invokeOn({ worker }: Instance, spec: FunctionSpec, payload: unknown): Promise<Outcome> {
    const requestId = randomUUID();
    const deadlineMs = this.#deps.clock.now() + spec.timeoutSeconds * 1000;
    const alarm = this.#deps.clock.schedule(deadlineMs, () => {
      void worker.terminate(timedOut(requestId, spec.timeoutSeconds));
    });
    const outcome = await worker.invoke(requestId, JSON.stringify(payload) ?? 'null', deadlineMs);
    alarm.cancel();
    return outcome;
  }

  #start(pool: Pool): Instance {
    const { spec } = pool;
    const principal = {
      kind: 'role',
      roleArn: spec.roleArn,
      roleName: nameOf(spec.roleArn),
      sessionName: spec.name,
    } as const;
    const credential = this.#deps.credentials.issue(
      { ...principal, functionName: spec.name },
      () => void worker.terminate(),
    );
    const onExit = () => {
      this.#deps.credentials.withdraw(credential.accessKeyId);
      const at = pool.idle.indexOf(instance);
      if (at >= 0) pool.idle.splice(at, 1);
    };
    const worker = new FunctionWorker(
      {
        folder: spec.folder,
        handler: spec.handler,
        functionArn: spec.arn,
        environment: { ...this.#environment(spec), ...keysOf(credential) },
        clockOffset: this.#deps.clockOffset,
        onOutput: (stream, text) => this.#deps.log.write(spec.name, stream, text),
      },
      onExit,
    );
    const instance: Instance = { worker };
    return instance;
  }

  #environment(spec: FunctionSpec): Record<string, string> {
    return {
      ...spec.environment,
      AWS_ENDPOINT_URL: this.#deps.endpoint(),
      AWS_REGION: this.#deps.region,
      AWS_DEFAULT_REGION: this.#deps.region,
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

const keysOf = (keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => ({
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  AWS_SESSION_TOKEN: keys.sessionToken ?? '',
});

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

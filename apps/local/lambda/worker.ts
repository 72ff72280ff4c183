import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** What a function's error looks like in an answer of Lambda. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** How one invocation ended: with JSON text, or with an error. */
export type Outcome = { readonly payload: string } | { readonly error: FunctionError };

/** What bootstrap.js posts: a line the function printed, or how its invocation ended. */
type Said = { readonly stream: 'stdout' | 'stderr'; readonly text: string } | Outcome;

// A thread's young generation begins with 1 MB, which four calls of an SDK client fill. With more room most of what a
// call leaves is garbage before anybody looks for it.
setFlagsFromString('--min-semi-space-size=4');

/** What a worker is started with. */
export interface WorkerSpec {
  readonly folder: string;
  readonly handler: string;
  readonly functionArn: string;
  readonly environment: Record<string, string>;
  /** The engine clock's offset in milliseconds, as one BigInt64. */
  readonly clockOffset: SharedArrayBuffer;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  readonly onExit: () => void;
}

/** The error of a process that ended under an invocation. */
export const exited = (how: string): FunctionError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Error: Runtime exited with error: ${how}`,
});

/** One warm instance of a function: a worker thread that serves one invocation at a time. */
export class FunctionWorker {
  readonly #worker: Worker;
  #waiting: ((outcome: Outcome) => void) | undefined;
  #dead: FunctionError | undefined;

  constructor({ environment, onOutput, onExit, ...workerData }: WorkerSpec) {
    const streams = { stdout: true, stderr: true };
    const file = join(__dirname, 'bootstrap.js');
    this.#worker = new Worker(file, { env: environment, workerData, execArgv: [], ...streams });
    this.#worker.on('message', (message: Said) => {
      if ('stream' in message) onOutput(message.stream, message.text);
      else this.#answer(message);
    });
    this.#worker.on('error', (error) => this.#end({ errorType: error.name, errorMessage: error.message }));
    this.#worker.on('exit', (code) => {
      this.#end(exited(`exit status ${code}`));
      onExit();
    });
  }

  /** Whether it can still serve. */
  get alive(): boolean {
    return this.#dead === undefined;
  }

  /** Runs one invocation; never rejects. A worker that ends underway answers `Runtime.ExitError`. */
  invoke(requestId: string, payload: string, deadlineMs: number): Promise<Outcome> {
    if (this.#dead) return Promise.resolve({ error: this.#dead });
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#worker.postMessage({ requestId, payload, deadlineMs }, []);
    });
  }

  /** Ends the thread; an invocation underway is answered with the given error first. */
  async terminate(error?: FunctionError): Promise<void> {
    if (error) this.#end(error);
    await this.#worker.terminate();
  }

  #answer(outcome: Outcome): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(outcome);
  }

  #end(error: FunctionError): void {
    this.#dead ??= error;
    this.#answer({ error });
  }
}

import { StateError } from '../asl/errors';
import { orAborted } from '../asl/frame';
import { ServiceError } from '../service';

interface Waiting {
  resolve(output: unknown): void;
  reject(failure: StateError): void;
  beat(this: void): void;
}

/** The task tokens given out, and the tasks that wait for them. Each answer throws ServiceError InvalidToken or TaskTimedOut. */
export class TaskTokens {
  /** A token that was answered, or whose task is over, has nothing waiting for it any more. */
  private readonly given = new Map<string, Waiting | undefined>();

  /** Registers a token; `outcome` settles when it is answered, or when `signal` fires. */
  wait(token: string, call: { readonly signal: AbortSignal; beat(this: void): void }): Promise<unknown> {
    const { signal, beat } = call;
    const answer = new Promise((resolve, reject) => this.given.set(token, { resolve, reject, beat }));
    const outcome = orAborted(answer, signal).finally(() => this.given.set(token, undefined));
    outcome.catch(() => undefined);
    return outcome;
  }

  succeed(token: string, output: unknown): void {
    this.spend(token).resolve(output);
  }

  fail(token: string, error: string | undefined, cause: string | undefined): void {
    this.spend(token).reject(new StateError(error, cause));
  }

  beat(token: string): void {
    this.find(token).beat();
  }

  private find(token: string): Waiting {
    const found = this.given.get(token);
    if (found) return found;
    if (this.given.has(token))
      throw new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  private spend(token: string): Waiting {
    const found = this.find(token);
    this.given.set(token, undefined);
    return found;
  }
}

import { AbortedError, StateError } from '../asl/errors';
import { orAborted } from '../asl/frame';
import { ServiceError } from '../service';

interface Waiting {
  resolve(output: unknown): void;
  reject(failure: StateError): void;
  beat(this: void): void;
}

/** The task tokens given out, and the tasks that wait for them. */
export class TaskTokens {
  private readonly waiting = new Map<string, Waiting>();
  private readonly spent = new Set<string>();

  /** Registers a token; `outcome` settles when it is answered, or when `signal` fires. */
  wait(token: string, call: { readonly signal: AbortSignal; beat(this: void): void }): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) =>
      this.waiting.set(token, { resolve, reject, beat: call.beat }),
    );
    const outcome = orAborted(answer, call.signal).finally(() => this.spend(token));
    outcome.catch((failure: unknown) => failure instanceof AbortedError);
    return outcome;
  }

  /** @throws ServiceError InvalidToken, TaskTimedOut */
  succeed(token: string, output: unknown): void {
    this.find(token).resolve(output);
    this.spend(token);
  }

  /** @throws ServiceError InvalidToken, TaskTimedOut */
  fail(token: string, error: string | undefined, cause: string | undefined): void {
    this.find(token).reject(new StateError(error, cause));
    this.spend(token);
  }

  /** @throws ServiceError InvalidToken, TaskTimedOut */
  beat(token: string): void {
    this.find(token).beat();
  }

  private find(token: string): Waiting {
    const found = this.waiting.get(token);
    if (found) return found;
    if (this.spent.has(token)) {
      throw new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  private spend(token: string): void {
    this.waiting.delete(token);
    this.spent.add(token);
  }
}

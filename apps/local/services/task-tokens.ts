import { orAborted } from '../asl/frame';
import { ServiceError } from '../service';

type Answer = (output: unknown) => void;

/** The task tokens given out, and the tasks that wait for them. */
export class TaskTokens {
  /** A token that was answered, or whose task is over, has nothing waiting for it any more. */
  private readonly given = new Map<string, Answer | undefined>();

  /** Registers a token; the outcome settles when it is answered, or when `signal` fires. */
  wait(token: string, signal: AbortSignal): Promise<unknown> {
    const answer = new Promise((resolve) => this.given.set(token, resolve));
    const outcome = orAborted(answer, signal).finally(() => this.given.set(token, undefined));
    outcome.catch(() => undefined);
    return outcome;
  }

  /** Ends the task that waits. @throws ServiceError InvalidToken or TaskTimedOut */
  succeed(token: string, output: unknown): void {
    const waiting = this.given.get(token);
    if (!this.given.has(token)) throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
    if (!waiting)
      throw new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    this.given.set(token, undefined);
    waiting(output);
  }
}

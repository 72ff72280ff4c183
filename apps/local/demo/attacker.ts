import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { LoginSecret } from './secrets';

const tried = z.object({
  told: z.literal('tried'),
  statements: z.array(z.object({ doing: z.string(), answer: z.string() })),
  login: z.string(),
  logins: z.object({ accepted: z.number(), refused: z.number() }),
});
const fromAttacker = z.discriminatedUnion('told', [
  z.object({ told: z.literal('holding'), sessions: z.number() }),
  tried,
  z.object({ told: z.literal('failed'), why: z.string() }),
]);
export type FromAttacker = z.infer<typeof fromAttacker>;

/** What the process is asked to do. */
export type ToAttacker =
  | {
      readonly do: 'attack';
      readonly login: LoginSecret;
      /** Role that one session changes to. */
      readonly group: string;
      readonly sessions: number;
    }
  | { readonly do: 'try' };

/**
 * What it could still do when it tried: the answer to the next statement of each session it held, and to a login. An
 * answer is `accepted` or an SQLSTATE.
 */
export type Tried = Omit<z.infer<typeof tried>, 'told'>;

/** A process of its own that uses a password it should not have; it ends when this process does. */
export interface Attacker {
  readonly sessions: number;
  /** Stops logging in, tries everything it has once more, and tells. */
  tries(): Promise<Tried>;
  stop(): Promise<void>;
}

const SESSIONS = 20;

/**
 * Lets somebody take a login: 20 sessions, of which one runs a statement in an open transaction, one has changed its role,
 * and one is idle in a transaction; beside them it logs in anew as fast as it can.
 * @throws Error when the login is not accepted
 */
export async function startAttacker(login: LoginSecret, group: string): Promise<Attacker> {
  const child = fork(join(__dirname, 'attacker-process.ts'), {
    execArgv: ['--require', join(__dirname, '..', '..', 'typescript.js')],
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = () => ended(child);
  try {
    const answer = await ask(child, { do: 'attack', login, group, sessions: SESSIONS });
    if (answer.told !== 'holding') throw new Error(`the attacker did not get in: ${JSON.stringify(answer)}`);
    return { sessions: answer.sessions, tries: () => tries(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function tries(child: ChildProcess): Promise<Tried> {
  const answer = await ask(child, { do: 'try' });
  if (answer.told === 'tried') return answer;
  throw new Error(`the attacker did not say what it can still do: ${JSON.stringify(answer)}`);
}

async function ask(child: ChildProcess, message: ToAttacker): Promise<FromAttacker> {
  const answered = once(child, 'message').then(([answer]) => fromAttacker.parse(answer));
  const over = once(child, 'exit').then(([code]) => {
    throw new Error(`the attacker's process ended with exit code ${String(code)}`);
  });
  over.catch(() => undefined);
  child.send(message);
  return Promise.race([answered, over]);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

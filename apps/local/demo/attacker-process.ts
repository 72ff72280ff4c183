import { setImmediate as turn } from 'node:timers/promises';
import { Client } from 'pg';
import type { FromAttacker, ToAttacker } from './attacker';
import type { LoginSecret } from './secrets';

// Somebody who has found a password. What it can still do is asked of it, not of the records.

/** What a stolen session is doing. */
type Doing = 'open transaction' | 'after SET ROLE' | 'idle in transaction' | 'idle';

interface Stolen {
  readonly doing: Doing;
  readonly client: Client;
  /** What the server said when it ended the session. */
  ended: string | undefined;
}

/** A login over and over, as fast as the server answers. */
interface Logins {
  accepted: number;
  refused: number;
}

const doings: readonly Doing[] = ['open transaction', 'after SET ROLE', 'idle in transaction'];

function clientOf({ host, port, dbname, username, password }: LoginSecret): Client {
  const client = new Client({
    host,
    port,
    database: dbname,
    user: username,
    password,
    ssl: false,
    application_name: 'attacker',
  });
  client.on('error', () => undefined);
  return client;
}

async function steal(login: LoginSecret, doing: Doing, group: string): Promise<Stolen> {
  const stolen: Stolen = { doing, client: clientOf(login), ended: undefined };
  const noted = (error: unknown) => {
    stolen.ended ??= codeOf(error);
  };
  stolen.client.on('error', noted);
  await stolen.client.connect();
  switch (doing) {
    case 'open transaction':
      await stolen.client.query('BEGIN');
      // Runs until somebody ends it.
      stolen.client.query('SELECT pg_sleep(3600)').catch(noted);
      break;
    case 'after SET ROLE':
      await stolen.client.query(`SET ROLE ${stolen.client.escapeIdentifier(group)}`);
      break;
    case 'idle in transaction':
      await stolen.client.query('BEGIN');
      await stolen.client.query('SELECT 1');
      break;
    case 'idle':
      await stolen.client.query('SELECT 1');
      break;
    default:
      doing satisfies never;
  }
  return stolen;
}

/** @returns `accepted`, or the SQLSTATE of the refusal */
async function logIn(login: LoginSecret): Promise<string> {
  const client = clientOf(login);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function keepLoggingIn(login: LoginSecret, logins: Logins, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    if ((await logIn(login)) === 'accepted') logins.accepted += 1;
    else logins.refused += 1;
    await turn();
  }
}

async function nextStatement({ client, ended }: Stolen): Promise<string> {
  if (ended !== undefined) return ended;
  try {
    await client.query('SELECT 1');
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error !== null && typeof error === 'object' ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'ended';
}

function tell(message: FromAttacker): void {
  process.send?.(message);
}

async function attack({ login, group, sessions }: ToAttacker & { do: 'attack' }) {
  const logins: Logins = { accepted: 0, refused: 0 };
  const stop = new AbortController();
  const stolen = await Promise.all(
    Array.from({ length: sessions }, (_, index) => steal(login, doings[index] ?? 'idle', group)),
  );
  const loop = keepLoggingIn(login, logins, stop.signal);
  return async (): Promise<FromAttacker> => {
    stop.abort();
    await loop;
    const statements = await Promise.all(
      stolen.map(async (each) => ({ doing: each.doing, answer: await nextStatement(each) })),
    );
    return { told: 'tried', statements, login: await logIn(login), logins };
  };
}

let tryAll: (() => Promise<FromAttacker>) | undefined;

async function obey(message: ToAttacker): Promise<void> {
  switch (message.do) {
    case 'attack':
      tryAll = await attack(message);
      return tell({ told: 'holding', sessions: message.sessions });
    case 'try':
      return tell((await tryAll?.()) ?? { told: 'failed', why: 'it holds nothing yet' });
    default:
      return message satisfies never;
  }
}

process.on('message', (message: ToAttacker) => {
  obey(message).catch((error: unknown) => tell({ told: 'failed', why: codeOf(error) }));
});
// It must not outlive the demo.
process.once('disconnect', () => process.exit(0));

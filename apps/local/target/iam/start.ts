import { join } from 'node:path';
import * as z from 'zod/mini';
import { startWorker } from '../worker-process';
import type { Knobs } from './console';
import { ask, type Keys } from './signed';

const keys = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
const answer = z.object({ now: z.number(), port: z.number(), made: z.optional(keys) });
const overview = z.object({
  keys: z.array(z.object({ id: z.string(), status: z.enum(['Active', 'Inactive']) })),
  tags: z.record(z.string(), z.string()),
  inline: z.array(z.string()),
  attached: z.array(z.string()),
});

/** Regions that tests and the demo present keys in. */
export const regions = ['us-east-1', 'eu-west-1'] as const;

/** An AWS account's IAM, STS and a data service in two regions, in a process of its own, on loopback. */
export interface IamAccount {
  readonly endpoint: string;
  /** Turns knobs; answers with the account's clock (epoch ms) and the key that was made, if one was. */
  turn(knobs: Knobs): Promise<{ readonly now: number; readonly made?: Keys | undefined }>;
  /** Makes a user with a key. */
  user(
    name: string,
    rights: 'tables' | 'nothing' | 'admin' | 'reader',
    tags?: Readonly<Record<string, string>>,
  ): Promise<Keys>;
  /** What the console shows of a user. */
  show(user: string): Promise<Readonly<z.infer<typeof overview>>>;
  /** What STS says to a key or session: the HTTP status of GetCallerIdentity in the first region. */
  whoami(keys: Keys): Promise<number>;
  /** What the data service says in a region: `ok`, or the name of its error with why it was denied. */
  listTables(keys: Keys, region?: string): Promise<string>;
  /** A session made from a key, as its holder would. */
  session(keys: Keys, role?: string): Promise<Keys>;
  stop(): Promise<void>;
}

/** Starts the stand-in; it ends with this process. */
export async function startIam(): Promise<IamAccount> {
  const child = await startWorker({ env: {}, script: join(__dirname, 'serve.ts') });
  const call = async (body: Knobs) =>
    answer.parse(await (await fetch(child.url, { method: 'POST', body: JSON.stringify(body) })).json());
  const endpoint = `http://127.0.0.1:${(await call({})).port}`;
  const sts = async (given: Keys, body: string) => {
    const { now } = await call({});
    return ask(endpoint, { service: 'sts', region: regions[0], body }, given, now);
  };
  return {
    endpoint,
    turn: call,
    async user(name, rights, tags = {}) {
      const { made } = await call({ principal: { kind: 'user', name, rights, tags } });
      return keys.parse(made);
    },
    show: async (user) => overview.parse(await (await fetch(`${child.url}/${user}`)).json()),
    whoami: async (given) => (await sts(given, 'Action=GetCallerIdentity&Version=2011-06-15')).status,
    async listTables(given, region = regions[0]) {
      const { now } = await call({});
      const seen = await ask(endpoint, { service: 'dynamodb', region, body: '{}' }, given, now);
      return seen.ok ? 'ok' : reasonIn(await seen.text());
    },
    session: async (given, role) => {
      const arn = encodeURIComponent(`arn:aws:iam::111122223333:role/${role ?? ''}`);
      const assume = `Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn=${arn}`;
      const own = 'Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600';
      return sessionIn(await (await sts(given, role === undefined ? own : assume)).text());
    },
    async stop() {
      await child.stop();
    },
  };
}

function reasonIn(body: string): string {
  const name = /#(\w+)"/.exec(body)?.[1] ?? 'unknown';
  return /explicit deny/.test(body) ? `${name}: explicit deny` : name;
}

function sessionIn(body: string): Keys {
  const text = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(body)?.[1] ?? '';
  return {
    accessKeyId: text('AccessKeyId'),
    secretAccessKey: text('SecretAccessKey'),
    sessionToken: text('SessionToken'),
  };
}

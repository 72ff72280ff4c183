/** What the worker takes from its environment; the README lists every variable. */
export interface Settings {
  readonly secretId: string;
  readonly host: string;
  readonly port: number;
  readonly poolSize: number;
  readonly applicationName: string;
  readonly queryEveryMs: number;
  readonly loginEveryMs: number;
  readonly timeoutMs: number;
  /** What a reload does. `ignore` shows how a rotation catches a consumer that keeps its old sessions. */
  readonly onReload: 'obey' | 'ignore';
}

/** @throws Error naming the variable, what was given and what is allowed. */
export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  if (!env.SECRET_ID) throw new Error('SECRET_ID: not set, want the name or ARN of a secret');
  return {
    secretId: env.SECRET_ID,
    host: env.CONSUMER_HOST ?? '127.0.0.1',
    port: whole(env, 'CONSUMER_PORT', { otherwise: 0, least: 0, most: 65_535 }),
    poolSize: whole(env, 'POOL_SIZE', { otherwise: 4, least: 1, most: 100 }),
    applicationName: env.APPLICATION_NAME ?? 'postgres-worker',
    queryEveryMs: whole(env, 'QUERY_EVERY_MS', { otherwise: 5, least: 0, most: 60_000 }),
    loginEveryMs: whole(env, 'LOGIN_EVERY_MS', { otherwise: 50, least: 0, most: 60_000 }),
    timeoutMs: whole(env, 'TIMEOUT_MS', { otherwise: 5_000, least: 100, most: 60_000 }),
    onReload: env.IGNORE_RELOAD === '1' ? 'ignore' : 'obey',
  };
}

interface Range {
  readonly otherwise: number;
  readonly least: number;
  readonly most: number;
}

function whole(env: NodeJS.ProcessEnv, name: string, { otherwise, least, most }: Range): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name}: got ${JSON.stringify(text)}, want a whole number from ${least} to ${most}`);
}

import { DatabaseError } from 'pg';
import type { Call } from '../../core/call';
import type { Observation, Probe, ProbePath, Verdict } from '../../core/probe';
import type { Material } from '../../core/material';
import { type Authentication, attempt, close, type Login } from './connection';
import { rawCodeOf } from './errors';
import { freshPassword } from './scram';
import { type PostgresTarget, targetOf } from './target';

/** Part of a call's time that the attempt may take. */
const share = 0.9;
const accepted: Verdict = { state: 'accepted' };

/** Logs in over TCP as a client would, with SCRAM-SHA-256 only, runs SELECT 1 and leaves. */
export const probe: Probe = {
  async observe(subject, version, material, path, call) {
    const login = loginOf(targetOf(subject), version.remoteId, material, path);
    const started = call.monotonic();
    const { verdict, rawCode } = await present(login, call);
    return { verdict, rawCode, latencyMs: call.monotonic() - started };
  },

  randomLike(material, call) {
    return material.with({ password: freshPassword(call) });
  },
};

async function present(login: Login, call: Call): Promise<Pick<Observation, 'verdict' | 'rawCode'>> {
  if (login.password === '')
    return { verdict: inconclusive('the material holds no password'), rawCode: 'NO_PASSWORD' };
  const limit = Math.max(1, Math.floor(call.timeoutMs * share));
  const deadline = call.monotonic() + limit;
  const { client, authentication } = attempt(login, {
    application_name: 'gapless-probe',
    connectionTimeoutMillis: limit,
  });
  try {
    await client.connect();
    const statement = {
      text: 'SELECT 1',
      query_timeout: Math.max(1, Math.floor(deadline - call.monotonic())),
    };
    await client.query(statement);
    return { verdict: ofSuccess(authentication()), rawCode: '00000' };
  } catch (error) {
    return { verdict: ofError(error, authentication()), rawCode: rawCodeOf(error) };
  } finally {
    await close(client);
  }
}

function ofSuccess(authentication: Authentication): Verdict {
  if (authentication === 'scram') return accepted;
  return inconclusive(
    'the server let us in without asking for the password (trust or similar in pg_hba.conf)',
  );
}

// Where the server's own limits stand: of the role, and of the database. Other 53300s come before or without a password.
const limitOfRoleOrDatabase = ['InitializeSessionUserId', 'CheckMyDatabase'];

/**
 * The verdict table of the README. `routine` is the function that raised the error: unlike the message it is not
 * translated, and it tells the account's own state from a line of pg_hba.conf.
 */
function ofError(error: unknown, authentication: Authentication): Verdict {
  const raw = rawCodeOf(error);
  if (!(error instanceof DatabaseError)) return inconclusive(`no answer that proves anything: ${raw}`);
  if (raw === '28P01' && authentication === 'scramUnfinished') return { state: 'refused', signal: raw };
  // From here on the password itself was checked and found right, or the answer says nothing about it.
  if (authentication !== 'scram')
    return inconclusive(`the server answered ${raw} before it had checked the password`);
  const routine = error.routine ?? '';
  switch (raw) {
    case '28000':
      if (routine === 'InitializeSessionUserId') return { state: 'refused', signal: raw };
      return inconclusive('28000 that does not come from the account');
    case '53300':
      if (limitOfRoleOrDatabase.includes(routine)) return accepted;
      return inconclusive('53300: the server has no free connection');
    case '42501':
    case '3D000':
      return accepted;
    default:
      return inconclusive(`${raw} is not in the table of answers that prove something`);
  }
}

function inconclusive(cause: string): Verdict {
  return { state: 'inconclusive', cause };
}

function loginOf(target: PostgresTarget, remoteId: string, material: Material, path: ProbePath): Login {
  const { database, tls } = target;
  const username = material.reveal('username') ?? remoteId;
  return { ...endpoint(target, path), database, tls, username, password: material.reveal('password') ?? '' };
}

/** `host:port` or a URL of a path, else the target itself. */
function endpoint(target: PostgresTarget, path: ProbePath): Pick<Login, 'host' | 'port'> {
  if (path.address === undefined) return target;
  const [, host, port] =
    /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?(\[[^\]]+\]|[^:/]+)(?::(\d{1,5}))?(?:\/.*)?$/.exec(path.address) ?? [];
  if (host === undefined) return { host: path.address, port: target.port };
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? target.port : Number(port) };
}

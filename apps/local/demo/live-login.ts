import { Client, DatabaseError } from 'pg';
import type { LoginSecret } from './secrets';

/** What the server answered to a login. */
export type LiveAnswer =
  { readonly state: 'accepted' } | { readonly state: 'refused' | 'unreachable'; readonly code: string };

/** Logs in once as a consumer would, at the server's own port, and leaves. */
export async function liveLogin(login: LoginSecret, port: number): Promise<LiveAnswer> {
  const { host, dbname, username, password } = login;
  const client = new Client({
    host,
    port,
    database: dbname,
    user: username,
    password,
    ssl: false,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return { state: 'accepted' };
  } catch (error) {
    if (error instanceof DatabaseError) return { state: 'refused', code: error.code ?? 'no code' };
    return {
      state: 'unreachable',
      code: error instanceof Error && 'code' in error ? String(error.code) : 'no code',
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

import { Socket } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import type { Tls } from './target';

/** Where to connect and as whom. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: Tls;
  readonly username: string;
  readonly password: string;
}

/** What the server asked for to let us in. `scram` means that both sides proved to know the password. */
export type Authentication = 'nothing' | 'cleartext' | 'md5' | 'scramUnfinished' | 'scram';

/** A connection attempt in the making; `authentication` is worth reading once `connect` has settled. */
export interface Attempt {
  readonly client: Client;
  readonly authentication: () => Authentication;
}

/**
 * A client that answers a SCRAM-SHA-256 exchange and nothing else: a server asking for the password itself, in clear
 * or as MD5, does not get it. Nothing is taken from PG* variables or ~/.pgpass.
 */
export function attempt(login: Login, limits: ClientConfig): Attempt {
  let asked: Authentication = 'nothing';
  const client = new Client({
    host: login.host,
    port: login.port,
    database: login.database,
    user: login.username,
    ssl: tlsOptions(login),
    sslnegotiation: 'postgres',
    ...limits,
    password: () => {
      if (asked === 'scramUnfinished') return login.password;
      throw new Error(`asked for ${asked} authentication`);
    },
  });
  // These run before the driver's own listeners, which are added on connect.
  client.connection.on('authenticationCleartextPassword', () => (asked = 'cleartext'));
  client.connection.on('authenticationMD5Password', () => (asked = 'md5'));
  client.connection.on('authenticationSASL', () => (asked = 'scramUnfinished'));
  client.connection.on('authenticationSASLFinal', () => (asked = 'scram'));
  // A connection that breaks while idle is noticed by the next statement.
  client.on('error', () => undefined);
  return { client, authentication: () => asked };
}

const closingMs = 500;

/** Says goodbye, and hangs up when the far side does not answer to that. */
export async function close(client: Client): Promise<void> {
  const { stream } = client.connection;
  if (stream instanceof Socket) stream.setTimeout(closingMs, () => stream.destroy());
  await client.end().catch(() => undefined);
}

function tlsOptions({ tls, host }: Login): false | ConnectionOptions {
  switch (tls.mode) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-full':
      return {
        rejectUnauthorized: true,
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
      };
    default:
      return tls.mode satisfies never;
  }
}

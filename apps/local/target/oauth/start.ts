import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { startWorker } from '../worker-process';

const directory = z.object({ issuer: z.string(), control: z.string() });
const registered = z.object({ client_id: z.string(), client_secret: z.string() });
const furtherSecret = z.object({ id: z.string(), client_secret: z.string() });
const issued = z.object({ access_token: z.string() });
const turnedTo = z.object({ now: z.number(), refresh: z.optional(z.string()) });

/** What the knobs of the issuer set; what is left out stays as it is. */
export interface Knobs {
  readonly trouble?: 'none' | 'unavailable' | 'throttled';
  readonly propagationMs?: number;
  /** Moves the issuer's clock. */
  readonly advanceMs?: number;
  readonly tokenSeconds?: number;
  readonly tokensOfTheGone?: 'die' | 'live';
  readonly client?: {
    readonly id: string;
    readonly secretExpiresInMs?: number;
    readonly scope?: string;
  };
  readonly refreshFor?: string;
}

export interface Client {
  readonly client_id: string;
  readonly client_secret: string;
}

/** How resource servers judge a token. */
export type Judging = 'introspected' | 'local';

/** An issuer and a resource server, each in a process of its own, both on loopback. */
export interface OAuthServers {
  readonly issuer: string;
  readonly resource: string;
  readonly tokens: { readonly admin: string; readonly reader: string; readonly deny: string };
  turn(knobs: Knobs): Promise<z.infer<typeof turnedTo>>;
  /** Moves the resource server's clock, for tokens it judges by itself. */
  turnResource(knobs: { readonly advanceMs: number }): Promise<void>;
  /** Registers a client as somebody at the issuer's own console would. */
  register(softwareId: string): Promise<Client>;
  delete(clientId: string): Promise<void>;
  /** Makes a further secret of a client, as somebody at the issuer's own console would. */
  addSecret(clientId: string): Promise<{ readonly id: string; readonly client_secret: string }>;
  /** Status and error code of the token endpoint for a request of a client. */
  token(client: Client, form: Readonly<Record<string, string>>): Promise<{ status: number; body: unknown }>;
  /** An access token of a client, for one kind of resource server. */
  accessToken(client: Client, judging: Judging): Promise<string>;
  /** Status of the resource server for a token. */
  use(token: string, judging: Judging): Promise<number>;
  stop(): Promise<void>;
}

function random(): string {
  return randomBytes(24).toString('hex');
}

/** Starts both; they end with this process. */
export async function startOAuth(): Promise<OAuthServers> {
  const tokens = { admin: random(), reader: random(), deny: random() };
  const own = { RESOURCE_CLIENT: 'resource-server', RESOURCE_SECRET: random() };
  const env = { ADMIN_TOKEN: tokens.admin, READER_TOKEN: tokens.reader, ...own };
  const issuing = await startWorker({ env, script: join(__dirname, 'serve-issuer.ts') });
  const { issuer, control } = directory.parse(await (await fetch(issuing.url)).json());
  const serving = await startWorker({
    env: { ISSUER: issuer, DENY_TOKEN: tokens.deny, ...own },
    script: join(__dirname, 'serve-resource.ts'),
  });
  const stop = async () => {
    await Promise.all([issuing.stop(), serving.stop()]);
  };
  return {
    issuer,
    resource: serving.url,
    tokens,
    stop,
    ...calls(issuer, control, serving.url, tokens.admin),
  };
}

async function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body) });
}

function calls(issuer: string, control: string, resource: string, admin: string) {
  const asAdmin = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
  const token: OAuthServers['token'] = async ({ client_id: id, client_secret: secret }, form) => {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const body = new URLSearchParams(form);
    const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization }, body });
    return { status: answer.status, body: await answer.json() };
  };
  return {
    token,
    turn: async (knobs: Knobs) => turnedTo.parse(await (await post(control, knobs)).json()),
    turnResource: async (knobs: { readonly advanceMs: number }) =>
      void (await post(`${resource}/control`, knobs)),
    async register(softwareId: string) {
      const client = { software_id: softwareId, grant_types: ['client_credentials', 'refresh_token'] };
      const body = JSON.stringify({ ...client, redirect_uris: [], response_types: [], scope: 'read' });
      const answer = await fetch(`${issuer}/reg`, { method: 'POST', headers: asAdmin, body });
      return registered.parse(await answer.json());
    },
    async delete(clientId: string) {
      await fetch(`${issuer}/reg/${clientId}`, { method: 'DELETE', headers: asAdmin });
    },
    async addSecret(clientId: string) {
      const url = `${issuer}/reg/${clientId}/credentials/secrets`;
      const answer = await fetch(url, { method: 'POST', headers: asAdmin, body: '{}' });
      return furtherSecret.parse(await answer.json());
    },
    async accessToken(client: Client, judging: Judging) {
      const form = { grant_type: 'client_credentials', scope: 'read', resource: `urn:example:${judging}` };
      return issued.parse((await token(client, form)).body).access_token;
    },
    async use(value: string, judging: Judging) {
      const headers = { authorization: `Bearer ${value}` };
      return (await fetch(`${resource}/${judging}/whoami`, { headers })).status;
    },
  };
}

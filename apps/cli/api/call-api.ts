import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import type { Connection } from '../connection';
import { Exit, type ExitName } from '../exit';
import { serverTime } from '../server-time';
import { configOf } from '../client-config';
import { localSession } from './local-session';
import { signedFetch, type Signing } from './signed-fetch';

/** The URL for people who ask, for those who decide and for those who read; each takes a role of its own. */
export type Api = 'requests' | 'decisions' | 'query';

export interface ApiRequest {
  readonly api: Api;
  readonly method: 'GET' | 'POST';
  /** Below the URL, without a slash at its start. */
  readonly path: string;
  readonly body?: object;
  /** Session name on a local engine, where the command takes the role itself. */
  readonly as: string;
}

/** What each is called where it is set, where it is deployed, and in the docs. */
const named = {
  requests: {
    variable: 'GAPLESS_REQUESTS_URL',
    output: 'RequestsUrl',
    role: 'RequesterRole',
    page: 'docs/approvals.md',
    shows: 'npx gapless approvals',
  },
  decisions: {
    variable: 'GAPLESS_DECISIONS_URL',
    output: 'DecisionsUrl',
    role: 'ApproverRole',
    page: 'docs/approvals.md',
    shows: 'npx gapless approvals',
  },
  query: {
    variable: 'GAPLESS_QUERY_URL',
    output: 'QueryUrl',
    role: 'AuditorRole',
    page: 'docs/questions.md',
    shows: 'npx gapless doctor',
  },
} as const;
const refusal = z.object({ error: z.string(), message: z.string() });

/**
 * Sends a signed request to one of the API's URLs, as the role session of the environment, or on a local engine as a
 * session of the deployed role.
 * @throws Exit naming what the API refused and why: notApproved where a person may not, usage where the request is wrong
 */
export async function callApi(connection: Connection, request: ApiRequest): Promise<unknown> {
  const url = new URL(request.path, baseOf(connection, request.api));
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const signing = { service: 'lambda', ...(await signingOf(connection, request)) } as const;
  const { method } = request;
  const response = await signedFetch(signing, url, { method, type: 'application/json', body });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as unknown;
  throw exitOf(response.status, text, request.api);
}

function baseOf(connection: Connection, api: Api): string {
  const url = connection.urls[api];
  if (url !== undefined) return url;
  throw new Exit(
    'usage',
    `${named[api].variable}: is not set, want the output ${named[api].output} of the stack GaplessWorkflow. Nothing was changed.`,
  );
}

async function signingOf(connection: Connection, { api, as }: ApiRequest): Promise<Omit<Signing, 'service'>> {
  // A client is the SDK's own way to its chain of profiles, files and environment.
  const client = new SFNClient(configOf(connection.client));
  try {
    const [region, own] = await Promise.all([client.config.region(), client.config.credentials()]);
    const roleArn = connection.roles?.[api];
    const { endpoint } = connection.client;
    if (roleArn === undefined || endpoint === undefined) return { region, keys: own, at: Date.now() };
    // A local engine's time may have been moved forward, so this machine's clock does not tell.
    const { at } = await serverTime(connection);
    return { region, keys: await localSession({ endpoint, region, keys: own, at }, roleArn, as), at };
  } finally {
    client.destroy();
  }
}

function exitOf(status: number, text: string, api: Api): Exit {
  const parsed = refusal.safeParse(jsonOr(text));
  const refused = api !== 'query' && (status === 403 || status === 409);
  const why: ExitName = refused ? 'notApproved' : status < 500 ? 'usage' : 'unexpected';
  if (parsed.success) return new Exit(why, `${parsed.data.error}: ${parsed.data.message}`);
  const { role, page, shows } = named[api];
  return new Exit(
    why,
    status === 403
      ? `AWS does not let these credentials call the ${api} URL. Nothing was changed. Take a session of the role in the output ${role} of the stack GaplessWorkflow, or one with the same rights: ${page}.`
      : `The ${api} URL answered ${status}. ${api === 'query' ? 'Nothing was changed; ask for a shorter period, or see what is wrong with' : 'Whether anything was changed is shown by'}: ${shows}`,
  );
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

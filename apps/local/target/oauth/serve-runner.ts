import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod/mini';

const env = z
  .object({
    /** Answers with the current version of the runner's secret, as a vault would. */
    SECRET_URL: z.string(),
    TOKEN_URL: z.string(),
    RESOURCE_URL: z.string(),
    SCOPE: z.string(),
    AUDIENCE: z.string(),
    /** `ignore` is a runner that says it will reload and goes on with the token it has. */
    ON_RELOAD: z.enum(['obey', 'ignore']),
  })
  .parse(process.env);

const secret = z.object({ versionId: z.string(), client_id: z.string(), client_secret: z.string() });
const issued = z.object({ access_token: z.string() });

/** A bearer token, and the version of the secret it was asked for with. */
interface Cached {
  readonly versionId: string;
  readonly token: string;
  readonly since: string;
}

async function fetchToken(): Promise<Cached> {
  const { versionId, client_id, client_secret } = secret.parse(await (await fetch(env.SECRET_URL)).json());
  const basic = Buffer.from(`${client_id}:${client_secret}`).toString('base64');
  const answer = await fetch(env.TOKEN_URL, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: env.SCOPE,
      resource: env.AUDIENCE,
    }),
  });
  const { access_token: token } = issued.parse(await answer.json());
  return { versionId, token, since: new Date().toISOString() };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function run(): Promise<void> {
  // Kept in memory for as long as it works: nobody asks the secret store for every call.
  let cached = await fetchToken();
  const counted = { calls: 0, failedCalls: 0 };

  async function work(response: ServerResponse): Promise<void> {
    const headers = { authorization: `Bearer ${cached.token}` };
    const { status } = await fetch(env.RESOURCE_URL, { headers });
    counted.calls += 1;
    if (status !== 200) counted.failedCalls += 1;
    answer(response, 200, { status });
  }

  async function handle({ url, method }: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (`${method} ${url}`) {
      case 'GET /gapless/consumer':
        return answer(response, 200, { versionId: cached.versionId, since: cached.since, ...counted });
      case 'POST /gapless/consumer/reload':
        if (env.ON_RELOAD === 'obey') cached = await fetchToken();
        return answer(response, 202, {});
      case 'POST /work':
        return work(response);
      default:
        return answer(response, 404, {});
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`);
}

void run();

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type Provider from 'oidc-provider' with { 'resolution-mode': 'import' };
import * as z from 'zod/mini';
import { front } from './front';
import { audiences, oidcProvider, type Turned } from './provider';
import { ClientSecrets } from './secrets';
import { IssuerStore } from './store';

const env = z
  .object({
    ADMIN_TOKEN: z.string(),
    READER_TOKEN: z.string(),
    RESOURCE_CLIENT: z.string(),
    RESOURCE_SECRET: z.string(),
  })
  .parse(process.env);

const knobs = z.object({
  /** Lets the issuer's clock skip this far. */
  advanceMs: z.optional(z.number()),
  propagationMs: z.optional(z.number()),
  tokenSeconds: z.optional(z.number()),
  tokensOfTheGone: z.optional(z.enum(['die', 'live'])),
  trouble: z.optional(z.enum(['none', 'unavailable', 'throttled'])),
  client: z.optional(
    z.object({
      id: z.string(),
      secretExpiresInMs: z.optional(z.number()),
      scope: z.optional(z.string()),
    }),
  ),
  /** Makes a refresh token for a client; the answer holds it. */
  refreshFor: z.optional(z.string()),
});

const wallClock = Date.now.bind(Date);
let skipped = 0;
const now = () => wallClock() + skipped;
// The provider asks Date.now for every expiry; its clock is the one a test moves.
Date.now = now;

const store = new IssuerStore(now);
const turned: Turned = { tokensOfTheGone: 'die', tokenSeconds: 600 };
let trouble: 'none' | 'unavailable' | 'throttled' = 'none';

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** Turns the knobs that need no provider. */
function turn(asked: z.infer<typeof knobs>): void {
  skipped += asked.advanceMs ?? 0;
  store.propagationMs = asked.propagationMs ?? store.propagationMs;
  turned.tokenSeconds = asked.tokenSeconds ?? turned.tokenSeconds;
  turned.tokensOfTheGone = asked.tokensOfTheGone ?? turned.tokensOfTheGone;
  trouble = asked.trouble ?? trouble;
  const { client } = asked;
  if (client?.secretExpiresInMs !== undefined) {
    const expiresAt = Math.floor((now() + client.secretExpiresInMs) / 1_000);
    store.amend(client.id, { client_secret_expires_at: expiresAt });
  }
  if (client?.scope !== undefined) store.amend(client.id, { scope: client.scope });
}

/** A refresh token as a person's consent would have given it to a client. */
async function refreshToken(provider: Provider, clientId: string): Promise<string> {
  const client = await provider.Client.find(clientId);
  if (!client) throw new Error(`there is no client ${clientId}`);
  const grant = new provider.Grant({ clientId, accountId: 'a-person' });
  grant.addResourceScope(audiences.introspected, 'read');
  const about = { accountId: 'a-person', gty: 'authorization_code', scope: 'read' };
  const grantId = await grant.save();
  return new provider.RefreshToken({ client, grantId, ...about }).save();
}

async function run(): Promise<void> {
  // The provider wants to know its own URL, so the port comes first.
  const served: { handle?: ReturnType<typeof front> } = {};
  const issuer = await listening((request, response) => void served.handle?.(request, response));
  const resourceServer = { client_id: env.RESOURCE_CLIENT, client_secret: env.RESOURCE_SECRET };
  const secrets = new ClientSecrets();
  const provider = await oidcProvider({
    issuer,
    store,
    secrets,
    turned,
    adminToken: env.ADMIN_TOKEN,
    resourceServer,
  });
  const tokens = { admin: env.ADMIN_TOKEN, reader: env.READER_TOKEN };
  served.handle = front({ provider, store, secrets, tokens, now, trouble: () => trouble });

  async function told(request: IncomingMessage): Promise<object> {
    const asked = knobs.parse(await readJson(request));
    turn(asked);
    const { refreshFor } = asked;
    const refresh = refreshFor === undefined ? undefined : await refreshToken(provider, refreshFor);
    return { now: now(), refresh };
  }

  const control = await listening((request, response) => {
    void told(request).then((body) => response.end(JSON.stringify(body)));
  });
  const directory = await listening((_request, response) =>
    response.end(JSON.stringify({ issuer, control })),
  );
  process.on('SIGTERM', () => process.exit(0));
  // Ends with the process that started it.
  process.on('disconnect', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true, url: directory })}\n`);
}

void run();

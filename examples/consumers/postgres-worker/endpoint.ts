import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Settings } from './settings';
import type { VersionSwitch } from './switch';
import type { Tally } from './tally';

const bodyCapBytes = 4 * 1024;

/** Serves the consumer endpoint (docs/consumers.md in the Gapless repository). It knows no secret value. */
export async function serveConsumer(
  settings: Settings,
  tally: Tally,
  versions: VersionSwitch,
): Promise<Server> {
  const routes: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>
  > = {
    '/gapless/consumer': async (request, response) => {
      if (request.method !== 'GET') return answer(response, 405, { error: 'use GET' });
      const { versionId, since } = versions.oldestInUse;
      answer(response, 200, { versionId, since, ...tally.totals() });
    },
    '/gapless/consumer/reload': async (request, response) => {
      if (request.method !== 'POST') return answer(response, 405, { error: 'use POST' });
      const versionId = versionIn(await readText(request));
      if (versionId === undefined) return answer(response, 400, { error: 'want {"versionId": "<text>"}' });
      if (versions.oldestInUse.versionId === versionId) return answer(response, 200, { versionId });
      if (settings.onReload === 'obey') void versions.reload();
      answer(response, 202, {});
    },
  };
  const server = createServer((request, response) => {
    const route = routes[request.url ?? ''];
    if (route === undefined) return answer(response, 404, { error: 'no such path' });
    route(request, response).catch(() => response.destroy());
  });
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  return server;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyCapBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function versionIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const given =
      typeof body === 'object' && body !== null && 'versionId' in body ? body.versionId : undefined;
    return typeof given === 'string' && given !== '' ? given : undefined;
  } catch {
    return undefined;
  }
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer } from '../../gateway/wire';
import { Account } from './account';
import { serviceControl } from './authorise';
import { knobs, overview, turn } from './console';
import { fault } from './fault';
import { Places } from './places';
import { services, type Surroundings } from './service';

let offsetMs = 0;
/** The clock of the stand-in: real time, and what it was told to skip. */
const now = (): number => Date.now() + offsetMs;
const account = new Account(now);
const places = new Places();
const set: {
  trouble: ReturnType<Surroundings['trouble']>;
  organization: 'none' | 'denies-contained';
} = { trouble: 'none', organization: 'none' };
const serve = services({
  account,
  places,
  now,
  organization: () => (set.organization === 'none' ? [] : serviceControl),
  trouble: () => set.trouble,
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function answerAws(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const { method = 'GET', url: target = '/' } = request;
  const faulty = /^\/fault\/([a-z]+)/.exec(target)?.[1];
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const answer = faulty === undefined ? await serve({ method, target, headers, body }) : fault(faulty);
  if (answer === 'silent') return;
  send(response, { ...answer, headers: { ...answer.headers, date: new Date(now()).toUTCString() } });
}

async function answerConsole(request: IncomingMessage, response: ServerResponse, port: number) {
  const body = (await bodyOf(request)).toString('utf8');
  const { pathname } = new URL(request.url ?? '/', 'http://console');
  const shown = pathname === '/' ? turned(body) : overview(account, pathname.slice(1));
  send(response, { status: 200, headers: {}, body: JSON.stringify({ now: now(), port, ...shown }) });
}

function turned(body: string): object {
  if (body === '') return {};
  const asked = knobs.parse(JSON.parse(body));
  const { propagationMs, replicas = 'alike', region } = asked;
  if (propagationMs !== undefined) places.set({ propagationMs, replicas }, region);
  offsetMs += asked.advanceMs ?? 0;
  set.trouble = asked.trouble ?? set.trouble;
  set.organization = asked.organization ?? set.organization;
  return { made: turn(account, asked, now()) };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function run(): Promise<void> {
  const port = await listening(createServer((request, response) => void answerAws(request, response)));
  const desk = createServer((request, response) => void answerConsole(request, response, port));
  const url = `http://127.0.0.1:${await listening(desk)}`;
  process.on('SIGTERM', () => process.exit(0));
  // Ends with the process that started it.
  process.on('disconnect', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
}

void run();

import { createServer, type RequestListener, type Server } from 'node:http';
import { httpConsumers } from '../../adapters/http/consumer-client';
import type { HttpConsumer } from '../../core/consumer';
import { Failure, type Effect, type FailureCode } from '../../core/failure';
import { listenOnLoopback } from '../support/loopback';

const servers: Server[] = [];
const leak = 'hunter2-must-not-be-quoted';
const timeoutMs = 5_000;

async function serve(listener: RequestListener): Promise<HttpConsumer & { readonly port: number }> {
  const server = createServer(listener);
  const port = await listenOnLoopback(server);
  servers.push(server);
  return { id: 'billing', url: `http://127.0.0.1:${port}`, allowPrivate: true, port };
}

function answering(status: number, body = '', headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof Failure)) throw new Error('expected a Failure');
  expect(failure.message).not.toContain(leak);
  return failure;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('observing a consumer', () => {
  it('reads the version and the counters, and drops what it does not know', async () => {
    const told = {
      versionId: 'v2',
      since: '2026-01-02T03:04:05.678Z',
      calls: 9,
      failedCalls: 1,
      longestFailureMs: 2.5,
    };
    const consumer = await serve(answering(200, JSON.stringify({ ...told, password: leak })));
    expect(await httpConsumers().observe(consumer, timeoutMs)).toEqual(told);
  });

  it('asks below the path of the base URL', async () => {
    const paths: (string | undefined)[] = [];
    const consumer = await serve((request, response) => {
      paths.push(request.url);
      response.end('{"versionId":null}');
    });
    const below = { ...consumer, url: `${consumer.url}/team/app/` };
    expect(await httpConsumers().observe(below, timeoutMs)).toEqual({ versionId: undefined });
    expect(paths).toEqual(['/team/app/gapless/consumer']);
  });

  it.each<[string, RequestListener, FailureCode]>([
    ['text that is not JSON', answering(200, leak), 'TargetRejected'],
    ['JSON without a version', answering(200, `{"note":"${leak}"}`), 'TargetRejected'],
    ['a version of the wrong type', answering(200, `{"versionId":{"x":"${leak}"}}`), 'TargetRejected'],
    ['a negative counter', answering(200, '{"versionId":"v1","calls":-1}'), 'TargetRejected'],
    ['more than 64 KB', answering(200, `{"versionId":"${leak.repeat(4_000)}"}`), 'TargetRejected'],
    ['404', answering(404, leak), 'TargetRejected'],
    ['429', answering(429, leak), 'TargetThrottled'],
    ['503', answering(503, leak), 'TargetUnreachable'],
    ['a cut connection', (request) => request.socket.destroy(), 'TargetUnreachable'],
  ])('fails with effect none and without quoting on %s', async (_case, listener, code) => {
    const failure = await failureOf(httpConsumers().observe(await serve(listener), timeoutMs));
    expect([failure.name, failure.effect]).toEqual([code, 'none']);
  });

  it('does not follow a redirect', async () => {
    let followed = 0;
    const elsewhere = await serve((_request, response) => {
      followed += 1;
      response.end('{"versionId":"v1"}');
    });
    const consumer = await serve(
      answering(302, '', { location: `${elsewhere.url}/gapless/consumer?${leak}` }),
    );
    const failure = await failureOf(httpConsumers().observe(consumer, timeoutMs));
    expect(failure.name).toBe('TargetRejected');
    expect(failure.message).toContain('Redirects are not followed');
    expect(followed).toBe(0);
  });

  it.each<[string, RequestListener]>([
    ['nothing', () => undefined],
    ['half an answer', (_request, response) => void response.writeHead(200).write('{"versionId":')],
  ])('gives up at the time limit when the consumer sends %s', async (_case, listener) => {
    const failure = await failureOf(httpConsumers().observe(await serve(listener), 50));
    expect([failure.name, failure.effect]).toEqual(['TargetUnreachable', 'none']);
    expect(failure.message).toContain('no answer within 50 ms');
  });

  it('gives up at the time limit when the name is never resolved', async () => {
    const observed = httpConsumers(() => new Promise(() => undefined)).observe(
      { id: 'billing', url: 'http://app.example' },
      50,
    );
    expect((await failureOf(observed)).message).toContain('no answer within 50 ms');
  });

  it('ignores proxy settings of the environment', async () => {
    const proxy = await serve(answering(200, '{"versionId":"from-the-proxy"}'));
    const consumer = await serve(answering(200, '{"versionId":"direct"}'));
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' });
    const seen = await httpConsumers().observe(consumer, timeoutMs);
    process.env = before;
    expect(seen.versionId).toBe('direct');
  });
});

describe('reloading a consumer', () => {
  it.each([
    [200, 'alreadyOn'],
    [202, 'accepted'],
    [409, 'refused'],
  ] as const)('understands %i as %s', async (status, meaning) => {
    const bodies: string[] = [];
    const consumer = await serve((request, response) => {
      request
        .setEncoding('utf8')
        .on('data', (text: string) => bodies.push(`${request.method} ${request.url} ${text}`));
      request.on('end', () => response.writeHead(status).end(leak));
    });
    expect(await httpConsumers().reload(consumer, 'v2', timeoutMs)).toBe(meaning);
    expect(bodies).toEqual(['POST /gapless/consumer/reload {"versionId":"v2"}']);
  });

  it.each<[string, RequestListener, FailureCode, Effect]>([
    ['no answer', () => undefined, 'TargetUnreachable', 'unknown'],
    ['a cut connection', (request) => request.socket.destroy(), 'TargetUnreachable', 'unknown'],
    ['500', answering(500, leak), 'TargetUnreachable', 'unknown'],
    ['204', answering(204), 'TargetRejected', 'unknown'],
    ['404', answering(404, leak), 'TargetRejected', 'none'],
    ['a redirect', answering(307, '', { location: '/elsewhere' }), 'TargetRejected', 'none'],
  ])('says whether it may have arrived on %s', async (_case, listener, code, effect) => {
    const failure = await failureOf(httpConsumers().reload(await serve(listener), 'v2', 200));
    expect([failure.name, failure.effect]).toEqual([code, effect]);
  });

  it('knows that a refused connection changed nothing', async () => {
    const consumer = await serve(answering(202));
    servers.pop()?.close();
    const failure = await failureOf(httpConsumers().reload(consumer, 'v2', timeoutMs));
    expect([failure.name, failure.effect]).toEqual(['TargetUnreachable', 'none']);
    expect(failure.message).toContain('ECONNREFUSED');
  });
});

describe('where a consumer may live', () => {
  it.each([
    ['loopback', 'http://127.0.0.1:1'],
    ['loopback as a number', 'http://2130706433:1'],
    ['loopback in IPv6', 'http://[::1]:1'],
    ['loopback inside IPv6', 'http://[::ffff:127.0.0.1]:1'],
    ['a private network', 'https://10.1.2.3'],
  ])('refuses %s unless the policy allows private addresses', async (_case, url) => {
    const failure = await failureOf(httpConsumers().observe({ id: 'billing', url }, timeoutMs));
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
    expect(failure.message).toContain('allowPrivate: true');
  });

  it.each([
    ['instance metadata', 'http://169.254.169.254'],
    ['instance metadata inside IPv6', 'http://[::ffff:169.254.169.254]'],
    ['instance metadata in IPv6', 'http://[fd00:ec2::254]'],
    ['link-local', 'http://[fe80::1]'],
  ])('refuses %s even where private addresses are allowed', async (_case, url) => {
    const failure = await failureOf(
      httpConsumers().observe({ id: 'billing', url, allowPrivate: true }, timeoutMs),
    );
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
    expect(failure.message).toContain('no policy can allow it');
  });

  it('refuses a name when any of its addresses is not allowed', async () => {
    const consumers = httpConsumers(() => Promise.resolve(['93.184.216.34', '169.254.169.254']));
    const failure = await failureOf(
      consumers.observe({ id: 'billing', url: 'http://app.example' }, timeoutMs),
    );
    expect(failure.name).toBe('TargetRejected');
  });

  it('resolves once and connects to what it checked, so a name that flips gains nothing', async () => {
    const consumer = await serve((request, response) => {
      response.end(JSON.stringify({ versionId: request.headers.host }));
    });
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const consumers = httpConsumers(() => Promise.resolve(answers.shift() ?? []));
    const named = { ...consumer, url: `http://app.example:${consumer.port}` };
    expect(await consumers.observe(named, timeoutMs)).toEqual({ versionId: `app.example:${consumer.port}` });
    expect(answers).toHaveLength(1);
  });

  it.each([
    ['another scheme', `ftp://${leak}.example`],
    ['a user and a password', `http://app:${leak}@app.example`],
    ['a query', `http://app.example/?token=${leak}`],
    ['no URL at all', leak],
  ])('refuses a URL with %s without quoting it', async (_case, url) => {
    const failure = await failureOf(httpConsumers().observe({ id: 'billing', url }, timeoutMs));
    expect([failure.name, failure.effect]).toEqual(['InvalidInput', 'none']);
    expect(failure.message).toContain('consumer billing: url must be');
  });
});

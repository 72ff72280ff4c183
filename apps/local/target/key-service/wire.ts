import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer about to be sent. `silent` never answers. */
export type Reply =
  | {
      readonly status: number;
      readonly body?: object | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | 'silent';

/** What a handler is given of a request. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Handler = (asked: Asked) => Reply | Promise<Reply>;

/** Reads a request, asks the handler, and writes what it says. */
export function serving(handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    void answer(handler, request, response);
  };
}

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://service');
  const reply = await handler({
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  });
  if (reply === 'silent') return;
  const { status, body, headers } = reply;
  const json = typeof body === 'object';
  response.writeHead(status, { ...(json && { 'content-type': 'application/json' }), ...headers });
  response.end(json ? JSON.stringify(body) : body);
}

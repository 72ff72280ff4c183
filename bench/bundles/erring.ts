import { createServer } from 'node:http';

/** A loopback endpoint that answers every AWS request with an error, and remembers the operations it was asked. */
export interface Erring {
  readonly endpoint: string;
  /** Operations asked since the last time, first first. */
  taken(): readonly string[];
  stop(): Promise<void>;
}

const JSON_ERROR = '{"__type":"ResourceNotFoundException","message":"nothing is here"}';
const XML_ERROR = '<Error><Code>NoSuchKey</Code><Message>nothing is here</Message></Error>';

/** Starts it. Services that speak JSON name the operation in `x-amz-target`, S3 in the `x-id` of the address. */
export async function startErring(): Promise<Erring> {
  let asked: string[] = [];
  const server = createServer((request, response) => {
    const target = request.headers['x-amz-target'];
    const json = typeof target === 'string';
    asked.push(json ? (target.split('.').at(-1) ?? '') : operationIn(request.url ?? ''));
    request.resume().once('end', () => {
      response.writeHead(json ? 400 : 404, {
        'content-type': json ? 'application/x-amz-json-1.0' : 'application/xml',
      });
      response.end(json ? JSON_ERROR : XML_ERROR);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    taken: () => {
      const taken = asked;
      asked = [];
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function operationIn(url: string): string {
  const { searchParams } = new URL(url, 'http://s3');
  return searchParams.get('x-id') ?? (searchParams.has('versions') ? 'ListObjectVersions' : '');
}

import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import * as z from 'zod/mini';

const createDynalite = z.parse(
  z.custom<(options: { path: string; createTableMs: number }) => Server>(
    (value) => typeof value === 'function',
  ),
  createRequire(__filename)('dynalite'),
);

/** What dynalite answered: an HTTP status and JSON text. */
export interface DynaliteAnswer {
  readonly status: number;
  readonly body: string;
}

// The gateway has checked the caller's signature; dynalite only looks at the form of one.
const headers = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
};

/**
 * dynalite in this process. Requests are handed to its HTTP server as objects: a socket to oneself would be most of
 * what a call costs, and a port that takes unsigned requests a way around every policy.
 */
export class Dynalite {
  readonly #server: Server;

  constructor(path: string) {
    this.#server = createDynalite({ path, createTableMs: 0 });
    this.#server.prependListener('connection', (socket) => socket.destroy());
  }

  /** Opens the store. It closes only a server that listens, so it does, and hangs up on everybody. */
  async open(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  /** Closes the store; everything acknowledged is on disk. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Performs one action with its input as JSON text. */
  perform(action: string, input: string): Promise<DynaliteAnswer> {
    const target = { 'x-amz-target': `DynamoDB_20120810.${action}` };
    const about = { method: 'POST', url: '/', headers: { ...headers, ...target } };
    return new Promise((resolve) => {
      const response = {
        statusCode: 200,
        setHeader: () => undefined,
        end: (body = '') => resolve({ status: response.statusCode, body }),
      };
      const request = Object.assign(new EventEmitter(), about);
      this.#server.emit('request', request, response);
      request.emit('data', Buffer.from(input));
      request.emit('end');
    });
  }
}

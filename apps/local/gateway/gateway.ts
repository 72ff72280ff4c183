import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { AnswerLost, type Dispatcher } from '../dispatch';
import { ServiceError, unsupported } from '../service';
import type { Surroundings } from '../surroundings';
import { JSON_1_0, PROTOCOLS, type Protocol } from './protocols';
import { readClaim, verifySignature, type SignedRequest } from './sigv4';
import type { Answer } from './wire';

/** What the gateway stands in front of. */
export interface GatewayDeps extends Surroundings {
  readonly dispatcher: Dispatcher;
}

const Listening = z.object({ port: z.number() });

async function read(message: IncomingMessage): Promise<SignedRequest> {
  const chunks: Buffer[] = [];
  message.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(message, 'end');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) headers[name] = String(value);
  const { method = 'GET', url: target = '/' } = message;
  return { method, target, headers, body: Buffer.concat(chunks) };
}

/** The HTTP server on loopback that speaks AWS's wire protocols to unmodified SDK clients. */
export class Gateway {
  readonly #server: Server;

  constructor(private readonly deps: GatewayDeps) {
    this.#server = createServer((message, response) => void this.#serve(message, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  /** Listens on 127.0.0.1 and a free port. @returns the endpoint URL */
  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${Listening.parse(this.#server.address()).port}`;
  }

  /** Ends the server and every open connection. */
  async close(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(await read(message));
      const date = new Date(this.deps.clock.now()).toUTCString();
      // Of known length, head and body are one piece on the wire.
      const length = { 'content-length': Buffer.byteLength(answer.body) };
      response.writeHead(answer.status, { date, ...length, ...answer.headers }).end(answer.body);
    } catch (error) {
      if (!(error instanceof AnswerLost)) this.deps.onError('gateway', error);
      message.socket.destroy();
    }
  }

  async #answer(request: SignedRequest): Promise<Answer> {
    let protocol: Protocol = JSON_1_0;
    try {
      const claim = readClaim(request.headers);
      const { credentials, clock } = this.deps;
      protocol = PROTOCOLS[claim.service] ?? protocol;
      const { caller, terminate } = verifySignature(request, claim, credentials, clock.now());
      if (!PROTOCOLS[claim.service]) throw unsupported(claim.service, request.headers['x-amz-target'] ?? '');
      const { action, input } = protocol.decode(request);
      const call = { service: claim.service, action, input, caller, terminate };
      return protocol.encode(action, await this.deps.dispatcher.call(call), request);
    } catch (error) {
      if (error instanceof AnswerLost) throw error;
      if (error instanceof ServiceError) return protocol.encodeError(error);
      this.deps.onError('gateway', error);
      const why = 'gapless local failed inside; its log has the cause.';
      return protocol.encodeError(new ServiceError('InternalFailure', why, 500));
    }
  }
}

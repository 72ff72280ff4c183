import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Enforced } from './enforced';

/** A connection that is open. */
export interface Session {
  readonly id: string;
  readonly serial: string;
  readonly since: Date;
  readonly socket: TLSSocket;
}

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly serial: string;
}

/** What verification found, in the words of the README's table. Anything else is `not_verified`, which proves nothing. */
const words: Readonly<Record<string, string>> = {
  CERT_REVOKED: 'certificate_revoked',
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  CERT_SIGNATURE_FAILURE: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown_ca',
};

/**
 * The side that clients connect to. It looks at a certificate once, in the handshake, as most servers do: what was let
 * in then stays until somebody closes it.
 */
export class Traffic {
  readonly sessions = new Map<string, Session>();
  /** Serials that are known and may do nothing; for tests. */
  readonly powerless = new Set<string>();
  readonly #born = new Map<number, number>();
  readonly #answers = new WeakMap<TLSSocket, Answer>();
  #count = 0;

  /** Builds the server. Unverified clients are let through the handshake, so that they can be told why they are not served. */
  server(enforced: Enforced): Server {
    const options = { ...enforced.options(), requestCert: true, rejectUnauthorized: false };
    const server = createServer(options, (asked, answer) => this.#serve(asked, answer));
    server.keepAliveTimeout = 0;
    server.on('connection', (socket: Socket) => {
      this.#born.set(socket.remotePort ?? 0, enforced.generation);
    });
    server.on('secureConnection', (socket) => this.#admit(socket, enforced));
    return server;
  }

  #admit(socket: TLSSocket, enforced: Enforced): void {
    const port = socket.remotePort ?? 0;
    const born = this.#born.get(port);
    this.#born.delete(port);
    socket.on('error', () => undefined);
    // It was verified against what has been replaced since.
    if (born !== enforced.generation) return void socket.destroy();
    const serial = serialOf(socket);
    this.#answers.set(socket, this.#answerTo(socket, serial, enforced));
    this.#count += 1;
    const id = String(this.#count);
    this.sessions.set(id, { id, serial, since: new Date(), socket });
    socket.once('close', () => this.sessions.delete(id));
  }

  #answerTo(socket: TLSSocket, serial: string, enforced: Enforced): Answer {
    if (serial === '') return { status: 401, error: 'no_certificate', serial };
    if (!socket.authorized) {
      if (enforced.revoked.has(serial)) return { status: 401, error: 'certificate_revoked', serial };
      const error = words[String(socket.authorizationError)] ?? 'not_verified';
      return { status: 401, error, serial };
    }
    if (!enforced.certificates.has(serial)) return { status: 401, error: 'not_registered', serial };
    if (this.powerless.has(serial)) return { status: 403, error: 'forbidden', serial };
    return { status: 200, serial };
  }

  #serve({ socket, url = '' }: IncomingMessage, answer: ServerResponse): void {
    const admitted = socket instanceof TLSSocket ? this.#answers.get(socket) : undefined;
    if (!admitted) return void socket.destroy();
    const { status, ...body } = admitted;
    if (status === 401) return reply(answer, status, body, { connection: 'close' });
    if (url === '/whoami') return reply(answer, status, body);
    return fault(url, answer, body.serial);
  }
}

/** Trouble on demand, for tests; everything else that was asked for is somebody else's. */
function fault(url: string, answer: ServerResponse, serial: string): void {
  switch (url) {
    case '/fault/throttled':
      return reply(answer, 429, { serial });
    case '/fault/down':
      return reply(answer, 503, { serial });
    case '/fault/odd':
      return reply(answer, 200, { welcome: 'everybody' });
    case '/fault/moved':
      return reply(answer, 302, { serial }, { location: '/whoami' });
    case '/fault/silent':
      return;
    default:
      return reply(answer, 403, { serial, error: 'forbidden' });
  }
}

function reply(
  answer: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Hex in small letters; empty when the client showed no certificate. A resumed session still knows it. */
function serialOf(socket: TLSSocket): string {
  return (socket.getPeerX509Certificate()?.serialNumber ?? '').toLowerCase();
}

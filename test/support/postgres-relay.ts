import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import {
  clientMessageName,
  maskLiterals,
  sqlStateOf,
  startKind,
  startParameters,
  textsOf,
  type WireMessage,
  WireReader,
} from './postgres-wire';

/** Told what passes on one connection. */
export interface ConnectionWatch {
  started(parameters: ReadonlyMap<string, string>): void;
  sent(name: string): void;
  login(answer: 'accepted' | 'refused'): void;
  statement(phase: 'before' | 'after', sql: string, sqlState: string | undefined): Promise<'pass' | 'cut'>;
}

/** A round trip that ends with ReadyForQuery. Its answers are kept back until the watch has seen that it ended. */
interface RoundTrip {
  sql: string;
  /** The client has sent what makes the server answer with ReadyForQuery. */
  sent: 'partly' | 'whole';
  answers: 'kept' | 'passed';
  sqlState: string | undefined;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** Passes both directions of one connection on until either side ends. */
export async function relay(client: Socket, server: Socket, watch: ConnectionWatch): Promise<void> {
  await new Relay(client, server, watch).run().catch(() => undefined);
  client.destroySoon();
  server.destroySoon();
}

class Relay {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #watch: ConnectionWatch;
  readonly #fromClient: WireReader;
  readonly #fromServer: WireReader;
  readonly #prepared = new Map<string, string>();
  #kept: Buffer[] = [];
  #trip: RoundTrip | undefined;
  #loggedIn: 'no' | 'yes' = 'no';

  constructor(client: Socket, server: Socket, watch: ConnectionWatch) {
    this.#client = client;
    this.#server = server;
    this.#watch = watch;
    this.#fromClient = new WireReader(client);
    this.#fromServer = new WireReader(server);
  }

  async run(): Promise<void> {
    if ((await this.#start()) === 'seen') await Promise.all([this.#forward(), this.#backward()]);
  }

  /** Up to the startup message; `unseen` when the rest is encrypted or a cancel request. */
  async #start(): Promise<'seen' | 'unseen'> {
    for (;;) {
      const message = await this.#fromClient.untyped();
      if (message === undefined) return 'unseen';
      this.#server.write(message.bytes);
      const kind = startKind(message);
      switch (kind) {
        case 'startup':
          this.#watch.started(startParameters(message));
          return 'seen';
        case 'tls':
        case 'gss': {
          const answer = await this.#fromServer.take(1);
          if (answer === undefined) return 'unseen';
          this.#client.write(answer);
          if (answer.toString('latin1') !== 'N') return this.#passUnseen();
          break;
        }
        case 'cancel':
        case 'other':
          return this.#passUnseen();
        default:
          return kind satisfies never;
      }
    }
  }

  async #passUnseen(): Promise<'unseen'> {
    await Promise.all([copy(this.#fromClient, this.#server), copy(this.#fromServer, this.#client)]);
    return 'unseen';
  }

  async #forward(): Promise<void> {
    for (let message = await this.#fromClient.typed(); message; message = await this.#fromClient.typed()) {
      this.#watch.sent(clientMessageName(message));
      if ((await this.#beforeForwarding(message)) === 'cut') return this.#cut();
      this.#server.write(message.bytes);
    }
    this.#server.end();
  }

  async #beforeForwarding(message: WireMessage): Promise<'pass' | 'cut'> {
    switch (message.type) {
      case 'Q':
      case 'P':
      case 'B':
      case 'F': {
        const decision = await this.#openTrip(message);
        if (this.#trip && (message.type === 'Q' || message.type === 'F')) this.#trip.sent = 'whole';
        return decision;
      }
      case 'S':
        if (this.#trip) this.#trip.sent = 'whole';
        return 'pass';
      case 'H':
        this.#passKept();
        return 'pass';
      default:
        return 'pass';
    }
  }

  async #openTrip(message: WireMessage): Promise<'pass' | 'cut'> {
    const sql = this.#sqlOf(message);
    if (this.#trip?.sent === 'whole') await this.#trip.ended;
    if (this.#trip) {
      if (message.type === 'P') this.#trip.sql += `; ${sql}`;
      return 'pass';
    }
    this.#trip = roundTrip(sql);
    return await this.#watch.statement('before', sql, undefined);
  }

  #sqlOf(message: WireMessage): string {
    const [first = '', second = ''] = textsOf(message, 2);
    switch (message.type) {
      case 'Q':
        return maskLiterals(first);
      case 'P':
        this.#prepared.set(first, maskLiterals(second));
        return maskLiterals(second);
      case 'B':
        return this.#prepared.get(second) ?? '';
      default:
        return '';
    }
  }

  async #backward(): Promise<void> {
    for (let message = await this.#fromServer.typed(); message; message = await this.#fromServer.typed()) {
      if (this.#loggedIn === 'no') this.#seeLogin(message);
      if (this.#trip === undefined) this.#client.write(message.bytes);
      else if ((await this.#answer(this.#trip, message)) === 'cut') return this.#cut();
    }
    this.#passKept();
    this.#trip?.end();
    this.#client.end();
  }

  #seeLogin({ type, body }: WireMessage): void {
    if (type === 'E') this.#watch.login('refused');
    if (type === 'R' && body.readInt32BE(0) === 0) {
      this.#loggedIn = 'yes';
      this.#watch.login('accepted');
    }
  }

  async #answer(trip: RoundTrip, message: WireMessage): Promise<'pass' | 'cut'> {
    this.#kept.push(message.bytes);
    if (message.type === 'E') trip.sqlState = sqlStateOf(message);
    if (message.type === 'Z') {
      if ((await this.#watch.statement('after', trip.sql, trip.sqlState)) === 'cut') return 'cut';
      this.#passKept();
      this.#trip = undefined;
      trip.end();
    } else if (trip.answers === 'passed' || message.type === 'G' || message.type === 'W') {
      // The client will not go on before it has seen these: after a Flush, and when it is to send COPY data.
      this.#passKept();
    }
    return 'pass';
  }

  #passKept(): void {
    if (this.#trip) this.#trip.answers = 'passed';
    for (const bytes of this.#kept) this.#client.write(bytes);
    this.#kept = [];
  }

  #cut(): void {
    this.#client.destroy();
    this.#server.destroy();
    this.#trip?.end();
  }
}

async function copy(from: WireReader, to: Socket): Promise<void> {
  for (let bytes = await from.some(); bytes !== undefined; bytes = await from.some()) to.write(bytes);
  to.end();
}

function roundTrip(sql: string): RoundTrip {
  const gate = new EventEmitter();
  const ended = once(gate, 'ended').then(() => undefined);
  return { sql, sent: 'partly', answers: 'kept', sqlState: undefined, ended, end: () => gate.emit('ended') };
}

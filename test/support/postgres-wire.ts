import type { Socket } from 'node:net';

/**
 * Just enough of the PostgreSQL frontend/backend protocol 3.0 to see statements pass
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */
export interface WireMessage {
  /** The type byte; empty for the untyped messages a connection starts with. */
  readonly type: string;
  readonly body: Buffer;
  /** As it came, to be passed on unchanged. */
  readonly bytes: Buffer;
}

/** Reads messages off a socket, one at a time. All answer `undefined` once the stream has ended or broken. */
export class WireReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffered = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** A message without type byte: startup, TLS or GSS encryption request, cancel. */
  untyped(): Promise<WireMessage | undefined> {
    return this.#message(0);
  }

  typed(): Promise<WireMessage | undefined> {
    return this.#message(1);
  }

  async take(count: number): Promise<Buffer | undefined> {
    while (this.#buffered.length < count) {
      const next = await this.#chunks.next().catch(() => undefined);
      if (next === undefined || next.done === true) return undefined;
      this.#buffered = Buffer.concat([this.#buffered, next.value]);
    }
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  /** Whatever has come, without looking at it. */
  async some(): Promise<Buffer | undefined> {
    return await this.take(Math.max(1, this.#buffered.length));
  }

  async #message(typeBytes: 0 | 1): Promise<WireMessage | undefined> {
    const head = await this.take(typeBytes + 4);
    if (head === undefined) return undefined;
    const body = await this.take(head.readInt32BE(typeBytes) - 4);
    if (body === undefined) return undefined;
    return { type: head.toString('latin1', 0, typeBytes), body, bytes: Buffer.concat([head, body]) };
  }
}

export type StartKind = 'startup' | 'tls' | 'gss' | 'cancel' | 'other';

const startCodes: Readonly<Record<number, StartKind>> = {
  196_608: 'startup',
  80_877_103: 'tls',
  80_877_104: 'gss',
  80_877_102: 'cancel',
};

/** What an untyped message asks for. */
export function startKind({ body }: WireMessage): StartKind {
  return startCodes[body.readInt32BE(0)] ?? 'other';
}

/** The parameters of a startup message: `user`, `database`, `application_name`, … */
export function startParameters({ body }: WireMessage): ReadonlyMap<string, string> {
  const texts = body.toString('utf8', 4).split('\0');
  const parameters = new Map<string, string>();
  for (let index = 0; index + 1 < texts.length; index += 2) {
    const [name, value] = [texts[index], texts[index + 1]];
    if (name !== undefined && name !== '' && value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/** The zero-terminated texts at the start of a message body. */
export function textsOf({ body }: WireMessage, count: number): readonly string[] {
  return body.toString('utf8').split('\0').slice(0, count);
}

/** The SQLSTATE of an ErrorResponse. */
export function sqlStateOf({ body }: WireMessage): string | undefined {
  return body
    .toString('utf8')
    .split('\0')
    .find((field) => field.startsWith('C'))
    ?.slice(1);
}

const clientNames: Readonly<Record<string, string>> = {
  B: 'Bind',
  C: 'Close',
  D: 'Describe',
  E: 'Execute',
  F: 'FunctionCall',
  H: 'Flush',
  P: 'Parse',
  Q: 'Query',
  S: 'Sync',
  X: 'Terminate',
  c: 'CopyDone',
  d: 'CopyData',
  f: 'CopyFail',
  p: 'PasswordMessage',
};

/** Name of a message a client sends after startup. */
export function clientMessageName({ type }: WireMessage): string {
  return clientNames[type] ?? `unknown (${type})`;
}

const kept = /--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"/.source;
const literal = /\bE'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/.source;
const keptOrLiteral = new RegExp(`${kept}|${literal}`, 'gi');

/** A statement with every text literal replaced; comments and identifiers in double quotes stay. */
export function maskLiterals(sql: string): string {
  return sql.replaceAll(keptOrLiteral, (text: string) => (/^["\-/]/.test(text) ? text : "'…'"));
}

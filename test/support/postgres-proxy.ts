import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from './loopback';
import { type ConnectionWatch, relay } from './postgres-relay';

/** A statement on its way: before it reaches the server, or after it ended and before the client hears of it. */
export interface StatementEvent {
  readonly phase: 'before' | 'after';
  readonly user: string;
  readonly applicationName: string;
  /** Text literals are masked. Several statements of one round trip are joined by `; `. */
  readonly sql: string;
  readonly connectionId: number;
  /** With `after`: the SQLSTATE when it failed. */
  readonly sqlState?: string;
}

/** `cut` ends both sides at once. With `holdUntil` the statement, or its answer, waits and then passes. */
export type StatementDecision = 'pass' | 'cut' | { readonly holdUntil: Promise<unknown> };

export type StatementHook = (event: StatementEvent) => Promise<StatementDecision>;

/** A message a client sent, by name only. */
export interface ClientMessage {
  readonly connectionId: number;
  readonly user: string;
  /** As in the protocol documentation, for example `PasswordMessage`. */
  readonly name: string;
}

export interface ProxyCounts {
  connections: number;
  logins: number;
  refusedLogins: number;
  statements: number;
  cuts: number;
}

export interface ProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  readonly onStatement?: StatementHook;
  readonly onClientMessage?: (message: ClientMessage) => void;
}

/** A transparent proxy before a PostgreSQL. It listens on 127.0.0.1. A connection that turns to TLS passes unseen. */
export interface PostgresProxy {
  readonly port: number;
  readonly counts: Readonly<ProxyCounts>;
  /** `closed`: the port refuses new connections; established ones go on until `cutAll`. */
  setReachable(reach: 'open' | 'closed'): Promise<void>;
  cutAll(): void;
  /** Ends everything. Throws the first error a hook threw, so that no claim inside a hook is lost. */
  stop(): Promise<void>;
}

/** Starts a proxy in front of `target`. */
export async function startPostgresProxy(options: ProxyOptions): Promise<PostgresProxy> {
  const counts: ProxyCounts = { connections: 0, logins: 0, refusedLogins: 0, statements: 0, cuts: 0 };
  const sockets = new Set<Socket>();
  const hookErrors: unknown[] = [];

  const accept = (client: Socket) => {
    counts.connections += 1;
    const server = connect(options.target.port, options.target.host);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    void relay(client, server, watchOf(options, counts, hookErrors));
  };

  let listener: Server | undefined = createServer(accept);
  const port = await listenOnLoopback(listener);
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const setReachable = async (reach: 'open' | 'closed') => {
    if (reach === 'open' && listener === undefined) {
      listener = createServer(accept);
      await listenOnLoopback(listener, port);
    } else if (reach === 'closed') {
      listener?.close();
      listener = undefined;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  };
  return {
    port,
    counts,
    setReachable,
    cutAll,
    async stop() {
      await setReachable('closed');
      cutAll();
      if (hookErrors.length > 0) throw hookErrors[0];
    },
  };
}

function watchOf(options: ProxyOptions, counts: ProxyCounts, hookErrors: unknown[]): ConnectionWatch {
  const connectionId = counts.connections;
  const who = { user: '', applicationName: '' };
  return {
    started(parameters) {
      who.user = parameters.get('user') ?? '';
      who.applicationName = parameters.get('application_name') ?? '';
    },
    sent(name) {
      options.onClientMessage?.({ connectionId, user: who.user, name });
    },
    login(answer) {
      if (answer === 'accepted') counts.logins += 1;
      else counts.refusedLogins += 1;
    },
    async statement(phase, sql, sqlState) {
      if (phase === 'before') counts.statements += 1;
      const failed = sqlState === undefined ? {} : { sqlState };
      const event: StatementEvent = { phase, ...who, sql, connectionId, ...failed };
      const goesOn = await decide(event, options.onStatement, hookErrors);
      if (goesOn === 'cut') counts.cuts += 1;
      return goesOn;
    },
  };
}

async function decide(
  event: StatementEvent,
  hook: StatementHook | undefined,
  hookErrors: unknown[],
): Promise<'pass' | 'cut'> {
  try {
    const decision = (await hook?.(event)) ?? 'pass';
    if (typeof decision === 'string') return decision;
    await decision.holdUntil;
    return 'pass';
  } catch (error) {
    hookErrors.push(error);
    return 'cut';
  }
}

import { createServer, type Server, type Socket } from 'node:net';
import type { Subject } from '../../../core/call';
import type { Bench, Given, Presented } from '../../../kit/fixture';
import { callWith } from '../../../kit/scene';
import { listenOnLoopback } from '../../../test/support/loopback';
import type { TestPostgres } from '../../../test/support/postgres';
import { connector } from '..';

const SILENCE_MS = 300;

/** The states of one PostgreSQL and of impostors beside it, as the verdict cases want them. */
export async function verdictsOn(
  server: TestPostgres,
): Promise<Pick<Bench, 'verdicts'> & { readonly stopImpostors: () => void }> {
  const impostors: Server[] = [];
  const impostor = async (answer: (socket: Socket) => void) => {
    const listening = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    impostors.push(listening);
    return { port: await listenOnLoopback(listening) };
  };
  const full = await impostor((socket) => socket.end(fatal('53300')));
  const starting = await impostor((socket) => socket.end(fatal('57P03')));
  const silent = await impostor(() => undefined);
  const after =
    (...sql: readonly ((given: Given) => string)[]) =>
    async (given: Given): Promise<Presented> => {
      for (const statement of sql) await server.sql(statement(given));
      return {};
    };
  return {
    stopImpostors: () => impostors.forEach((each) => each.close()),
    verdicts: {
      right: async () => ({}),
      wrong: async ({ current, control }) => ({
        material: connector.probe.randomLike(current.material, callWith(control)),
      }),
      unknownPrincipal: async ({ current }) => ({ material: current.material.with({ username: 'nobody' }) }),
      disabled: after(({ current }) => `ALTER ROLE ${current.remoteId} NOLOGIN`),
      expired: after(({ current }) => `ALTER ROLE ${current.remoteId} VALID UNTIL '2001-01-01'`),
      noPermission: after(
        ({ subject }) => `ALTER DATABASE ${subject.identityId} OWNER TO postgres`,
        ({ current, subject }) =>
          `REVOKE CONNECT ON DATABASE ${subject.identityId} FROM PUBLIC, ${current.remoteId}`,
      ),
      wrongScope: at({ database: 'nowhere' }),
      throttled: at(full),
      serverError: at(starting),
      oddSuccess: at({ database: 'trusting' }),
      proxyForbids: at({ database: 'barred' }),
      redirected: { absent: 'otherProtocol' },
      unresolvable: at({ host: 'database.invalid' }),
      noListener: at({ port: 1 }),
      untrusted: at({ tls: { mode: 'require' } }),
      silent: async (given) => ({ ...(await at(silent)(given)), call: { timeoutMs: SILENCE_MS } }),
      propagating: { absent: 'immediate' },
      cached: { absent: 'uncached' },
    },
  };
}

/** The same identity with other fields of its target. */
export function withTarget(subject: Subject, changes: object): Subject {
  return { ...subject, target: { ...Object(subject.target), ...changes } };
}

function at(changes: object): (given: Given) => Promise<Presented> {
  return async ({ subject }) => ({ subject: withTarget(subject, changes) });
}

/** An ErrorResponse of the frontend/backend protocol, sent before anybody was asked for a password. */
function fatal(sqlState: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${sqlState}\0Msorry\0\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

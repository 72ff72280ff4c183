import { createServer, type Server, type Socket } from 'node:net';
import type { Subject } from '../../../core/call';
import type { Arrange, Bench } from '../../../kit/fixture';
import { callWith } from '../../../kit/scene';
import { selfSigned } from '../../../apps/local/target/mtls/self-signed';
import { listenOnLoopback } from '../../../test/support/loopback';
import { materialOf, type MtlsEndpoint } from '../../../apps/local/target/mtls/start';
import { connector } from '..';

const DELAY_MS = 1_000;
const SILENCE_MS = 1_000;
const LONG_AGO_MS = 3_600_000;

/** The same identity with other fields of its target. */
export function withTarget(subject: Subject, changes: object): Subject {
  return { ...subject, target: { ...Object(subject.target), ...changes } };
}

/** A fatal alert certificate_revoked, in the clear, as anybody on the way could send it (RFC 5246, 7.2). */
const forged = Buffer.from([21, 3, 3, 0, 2, 2, 44]);

/** The states of one TLS endpoint and of an impostor before it, as the verdict cases want them. */
export async function verdictsOn(
  endpoint: MtlsEndpoint,
): Promise<Pick<Bench, 'verdicts'> & { readonly stopImpostors: () => void }> {
  const proxy: Server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(forged));
  });
  const proxyPort = await listenOnLoopback(proxy);
  const asking = (path: string) => at({ probe: { path } });
  return {
    stopImpostors: () => proxy.close(),
    verdicts: {
      right: async () => ({}),
      wrong: async ({ current, control }) => ({
        material: connector.probe.randomLike(current.material, callWith(control)),
      }),
      unknownPrincipal: async () => ({ material: materialOf(endpoint.issue('nobody')) }),
      disabled: async ({ subject, current, admin }) => {
        await connector.operations.suspend(subject, current, callWith(admin));
        return {};
      },
      expired: async ({ subject }) => {
        const notAfter = Date.now() - LONG_AGO_MS;
        return { material: materialOf(await endpoint.enlist(subject.identityId, { notAfter })) };
      },
      noPermission: async ({ current }) => {
        await endpoint.turn({ powerless: current.remoteId });
        return {};
      },
      wrongScope: asking('/of/somebody/else'),
      throttled: asking('/fault/throttled'),
      serverError: asking('/fault/down'),
      oddSuccess: asking('/fault/odd'),
      proxyForbids: at({ port: proxyPort }),
      redirected: asking('/fault/moved'),
      unresolvable: at({ host: 'endpoint.invalid' }),
      noListener: at({ port: 1 }),
      untrusted: at({ trust: selfSigned(['somebody else']).certificate }),
      silent: async (given) => ({
        ...(await asking('/fault/silent')(given)),
        call: { timeoutMs: SILENCE_MS },
      }),
      propagating: async ({ subject, current, admin }) => {
        await endpoint.turn({ reloadDelayMs: DELAY_MS });
        await connector.operations.suspend(subject, current, callWith(admin));
        return {};
      },
      cached: { absent: 'uncached' },
    },
  };
}

function at(changes: object): Arrange {
  return async ({ subject }) => ({ subject: withTarget(subject, changes) });
}

import type { OAuthServers } from '../../../apps/local/target/oauth/start';
import type { Subject } from '../../../core/call';
import type { Arrange, Bench } from '../../../kit/fixture';
import { callWith } from '../../../kit/scene';
import { connector } from '..';

const DELAY_MS = 300;
const SILENCE_MS = 300;
const PAST_MS = -2_000;

/** The same identity with other fields of its target. */
export function withTarget(subject: Subject, changes: object): Subject {
  return { ...subject, target: { ...Object(subject.target), ...changes } };
}

const asking =
  (changes: object): Arrange =>
  async ({ subject }) => ({ subject: withTarget(subject, changes) });

/** The states of an issuer, as the verdict cases want them. */
export function verdictsOn(servers: OAuthServers): Bench['verdicts'] {
  const { issuer } = servers;
  const faulty = (name: string) => asking({ token: `${issuer}/fault/${name}/token` });
  const turned =
    (knobs: { readonly secretExpiresInMs?: number; readonly scope?: string }): Arrange =>
    async ({ current }) => {
      await servers.turn({ client: { id: current.remoteId, ...knobs } });
      return {};
    };
  return {
    right: async () => ({}),
    wrong: async ({ current, control }) => ({
      material: connector.probe.randomLike(current.material, callWith(control)),
    }),
    unknownPrincipal: async ({ current }) => ({ material: current.material.with({ client_id: 'nobody' }) }),
    disabled: async ({ subject, current, admin }) => {
      await connector.operations.suspend(subject, current, callWith(admin));
      return {};
    },
    expired: turned({ secretExpiresInMs: PAST_MS }),
    noPermission: turned({ scope: 'write' }),
    wrongScope: asking({ scope: 'write' }),
    throttled: faulty('throttled'),
    serverError: faulty('down'),
    oddSuccess: faulty('odd'),
    proxyForbids: faulty('forbidden'),
    redirected: faulty('moved'),
    unresolvable: asking({ token: 'http://issuer.invalid/token' }),
    noListener: asking({ token: 'http://127.0.0.1:1/token' }),
    untrusted: asking({ token: `${issuer.replace('http:', 'https:')}/token` }),
    silent: async (given) => ({ ...(await faulty('silent')(given)), call: { timeoutMs: SILENCE_MS } }),
    propagating: async ({ current }) => {
      await servers.turn({ propagationMs: DELAY_MS });
      await servers.delete(current.remoteId);
      return {};
    },
    // Answers of a token endpoint are never kept: Cache-Control: no-store (RFC 6749, section 5.1).
    cached: { absent: 'uncached' },
  };
}

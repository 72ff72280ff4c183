import type { KeyService } from '../../../apps/local/target/key-service/start';
import { keyServiceTarget } from '../../../apps/local/target/key-service/target';
import type { Subject } from '../../../core/call';
import type { Arrange, Bench, Given } from '../../../kit/fixture';
import { callWith, present } from '../../../kit/scene';
import { connector } from '..';

const DELAY_MS = 300;
const SILENCE_MS = 300;

/** The same identity with other fields of its target. */
export function withTarget(subject: Subject, changes: object): Subject {
  return { ...subject, target: { ...Object(subject.target), ...changes } };
}

/** The states of a key service and its edges, as the verdict cases want them. */
export function verdictsOn(service: KeyService): Bench['verdicts'] {
  return { ...states(service), ...answers(service), ...delays(service) };
}

/** States of the key itself. */
function states(service: KeyService) {
  const turned =
    (knobs: { readonly expiresInMs?: number; readonly scope?: 'none' }): Arrange =>
    async ({ current }) => {
      await service.turn({ key: { id: current.remoteId, ...knobs } });
      return {};
    };
  return {
    right: async () => ({}),
    wrong: async ({ current, control }: Given) => ({
      material: connector.probe.randomLike(current.material, callWith(control)),
    }),
    unknownPrincipal: async ({ current }: Given) => ({
      material: current.material.with({ id: 'nobody', key: `gk_nobody_${'0'.repeat(48)}` }),
    }),
    disabled: async ({ subject, current, admin }: Given) => {
      await connector.operations.suspend(subject, current, callWith(admin));
      return {};
    },
    expired: turned({ expiresInMs: 0 }),
    noPermission: turned({ scope: 'none' }),
  };
}

/** What is answered instead, whatever the key is worth. */
function answers(service: KeyService) {
  const { probe } = keyServiceTarget(service);
  const probing =
    (url: string): Arrange =>
    async ({ subject }) => ({ subject: withTarget(subject, { probe: { ...probe, url } }) });
  const at = `127.0.0.1:${service.ports.service}`;
  const faulty = (name: string) => probing(`http://${at}/fault/${name}/whoami`);
  return {
    wrongScope: faulty('scope'),
    throttled: faulty('throttled'),
    serverError: faulty('down'),
    oddSuccess: faulty('odd'),
    proxyForbids: faulty('forbidden'),
    redirected: faulty('moved'),
    unresolvable: probing('http://keys.invalid/whoami'),
    noListener: probing('http://127.0.0.1:1/whoami'),
    untrusted: probing(`https://${at}/whoami`),
    silent: async (given: Given) => ({ ...(await faulty('silent')(given)), call: { timeoutMs: SILENCE_MS } }),
  };
}

/** Revocations that are not seen at once. */
function delays(service: KeyService) {
  return {
    propagating: async ({ current }: Given) => {
      await service.turn({ propagationMs: DELAY_MS });
      await service.delete(current.remoteId);
      return {};
    },
    cached: async (given: Given) => {
      await service.turn({ cacheMs: DELAY_MS });
      const cached = { path: { id: 'proxy', address: `127.0.0.1:${service.ports.proxy}` } };
      await present({ connector, given }, cached);
      await service.delete(given.current.remoteId);
      return cached;
    },
  };
}

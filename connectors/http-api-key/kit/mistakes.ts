import { GATEWAY_BLOCK } from '../traits';
import { alive, dead, misdoing, misjudging, type Mistake } from '../../../kit/mistake';

/** Mistakes a connector of an HTTP service makes. */
export const mistakes: readonly Mistake[] = [
  {
    name: 'takes the gateway’s block for the service’s own refusal',
    caughtBy: 'a block is idempotent',
    make: misjudging(({ verdict }) => verdict.state === 'refused' && verdict.signal === GATEWAY_BLOCK, dead),
  },
  {
    name: 'takes any 403 for a dead key',
    caughtBy: 'verdict of noPermission',
    make: misjudging(({ rawCode }) => rawCode === 'HTTP 403', dead),
  },
  {
    name: 'takes any 403 for a dead key, wherever it comes from',
    caughtBy: 'verdict of proxyForbids',
    make: misjudging(({ rawCode }) => rawCode === 'HTTP 403', dead),
  },
  {
    name: 'takes any 2xx for a live key',
    caughtBy: 'verdict of oddSuccess',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 2'), alive),
  },
  {
    name: 'takes a service in trouble for a refusal',
    caughtBy: 'verdict of serverError',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 5'), dead),
  },
  {
    name: 'follows redirects',
    caughtBy: 'verdict of redirected',
    make: misjudging(({ rawCode }) => rawCode === 'HTTP 302', dead),
  },
  {
    name: 'takes an untrusted server for a refusal',
    caughtBy: 'verdict of untrusted',
    make: misjudging(({ rawCode }) => /^(ERR_|EPROTO|CERT|DEPTH)/.test(rawCode), dead),
  },
  {
    name: 'asks at the source and never at the edge',
    caughtBy: 'verdict of cached',
    make: (good) => ({
      ...good,
      probe: {
        ...good.probe,
        observe: async (subject, version, material, _path, call) =>
          good.probe.observe(subject, version, material, { id: 'direct' }, call),
      },
    }),
  },
  {
    name: 'deletes the newest key instead of the one it is told',
    caughtBy: 'the old credential is taken away',
    make: misdoing((good) => ({
      async revoke(subject, version, disposition, call) {
        const own = (await good.list(subject, call)).filter(({ attributable }) => attributable);
        const remoteId = own.at(-1)?.remoteId ?? version.remoteId;
        return good.revoke(subject, { ...version, remoteId }, disposition, call);
      },
    })),
  },
  {
    name: 'asks for a new key without saying for which run',
    caughtBy: 'what was issued is listed',
    make: misdoing((good) => ({
      issue: async (subject, current, call) => good.issue(subject, current, { ...call, runId: 'anybody' }),
    })),
  },
];

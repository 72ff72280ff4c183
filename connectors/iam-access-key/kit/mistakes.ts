import { alive, dead, misdoing, misjudging, type Mistake } from '../../../kit/mistake';

/** Mistakes a connector of IAM keys makes. */
export const mistakes: readonly Mistake[] = [
  {
    name: 'takes a denied key for a dead one',
    caughtBy: 'verdict of noPermission',
    make: misjudging(({ rawCode }) => rawCode.includes('AccessDenied'), dead),
  },
  {
    name: 'takes an explicit denial for the end of a key',
    caughtBy: 'verdict of wrongScope',
    make: misjudging(({ rawCode }) => rawCode.includes('AccessDenied'), dead),
  },
  {
    name: 'takes any 403 for a dead key',
    caughtBy: 'verdict of proxyForbids',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 403'), dead),
  },
  {
    name: 'takes any 200 for a live key',
    caughtBy: 'verdict of oddSuccess',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 200'), alive),
  },
  {
    name: 'takes AWS in trouble for a refusal',
    caughtBy: 'verdict of serverError',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 503'), dead),
  },
  {
    name: 'takes a throttled call for a refusal',
    caughtBy: 'verdict of throttled',
    make: misjudging(({ rawCode }) => rawCode.includes('Throttling'), dead),
  },
  {
    name: 'asks STS of one region and no other place',
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
    name: 'knows the refusal of STS only, not that of the data service',
    caughtBy: 'verdict of disabled',
    make: misjudging(({ rawCode }) => rawCode.includes('UnrecognizedClientException'), {
      state: 'inconclusive',
      cause: 'not known',
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
    name: 'creates a key without saying for which run',
    caughtBy: 'what was issued is listed',
    make: misdoing((good) => ({
      issue: async (subject, current, call) => good.issue(subject, current, { ...call, runId: 'anybody' }),
    })),
  },
  {
    name: 'takes sessions of a dead key for dead',
    caughtBy: 'what was derived stays open',
    make: misdoing(() => ({ boundSessions: async () => ({ state: 'denied', signal: 'the key is dead' }) })),
  },
  {
    name: 'says isolated and denies nothing',
    caughtBy: 'isolation is idempotent',
    make: misdoing(() => ({ isolate: async () => ({ effect: 'applied' }) })),
  },
  {
    name: 'never takes an isolation back',
    caughtBy: 'a credential made for an isolated identity',
    make: misdoing((good) => ({
      async issue(subject, current, call) {
        const issued = await good.issue(subject, current, call);
        await good.isolate(subject, call);
        return issued;
      },
    })),
  },
];

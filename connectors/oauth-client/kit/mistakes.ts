import { alive, dead, misdoing, misjudging, type Mistake } from '../../../kit/mistake';

/** Mistakes a connector of an OAuth issuer makes. */
export const mistakes: readonly Mistake[] = [
  {
    name: 'takes every error of a token endpoint for a dead client',
    caughtBy: 'verdict of wrongScope',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 4'), dead),
  },
  {
    name: 'takes a client without permission for a dead one',
    caughtBy: 'verdict of noPermission',
    make: misjudging(({ rawCode }) => rawCode.includes('invalid_scope'), dead),
  },
  {
    name: 'takes any 200 for a token',
    caughtBy: 'verdict of oddSuccess',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 2'), alive),
  },
  {
    name: 'takes an issuer in trouble for a refusal',
    caughtBy: 'verdict of serverError',
    make: misjudging(({ rawCode }) => rawCode.startsWith('HTTP 5'), dead),
  },
  {
    name: 'takes a redirect for a refusal',
    caughtBy: 'verdict of redirected',
    make: misjudging(({ rawCode }) => rawCode === 'HTTP 302', dead),
  },
  {
    name: 'takes an expired secret for a live one',
    caughtBy: 'verdict of expired',
    make: misjudging(({ rawCode }) => rawCode === 'HTTP 400 invalid_client', alive),
  },
  {
    name: 'deletes the newest client instead of the one it is told',
    caughtBy: 'the old credential is taken away',
    make: misdoing((good) => ({
      async suspend(subject, version, call) {
        const own = (await good.list(subject, call)).filter(({ attributable }) => attributable);
        const remoteId = own.at(-1)?.remoteId ?? version.remoteId;
        return good.suspend(subject, { ...version, remoteId }, call);
      },
    })),
  },
  {
    name: 'registers a client without saying for which run',
    caughtBy: 'what was issued is listed',
    make: misdoing((good) => ({
      issue: async (subject, current, call) => good.issue(subject, current, { ...call, runId: 'anybody' }),
    })),
  },
];

import { Failure } from '../core/failure';
import { alive, dead, misdoing, misjudging, type Mistake } from './mistake';

const network = /^(ECONN|ENOTFOUND|EAI_AGAIN|TIMEOUT|EHOST|ENET)/;

const verdicts: readonly Mistake[] = [
  {
    name: 'takes a refused connection for a refused credential',
    caughtBy: 'verdict of noListener',
    make: misjudging(({ rawCode }) => rawCode === 'ECONNREFUSED', dead),
  },
  {
    name: 'takes silence for a refusal',
    caughtBy: 'verdict of silent',
    make: misjudging(({ rawCode }) => rawCode === 'TIMEOUT', dead),
  },
  {
    name: 'takes a name that does not resolve for a refusal',
    caughtBy: 'verdict of unresolvable',
    make: misjudging(({ rawCode }) => network.test(rawCode), dead),
  },
  {
    name: 'takes every answer it does not know for a refusal',
    caughtBy: 'verdict of proxyForbids',
    make: misjudging(({ verdict }) => verdict.state === 'inconclusive', dead),
  },
  {
    name: 'takes a target that asks to slow down for a refusal',
    caughtBy: 'verdict of throttled',
    make: misjudging(({ verdict }) => verdict.state === 'inconclusive', dead),
  },
  {
    name: 'takes any success for acceptance',
    caughtBy: 'verdict of oddSuccess',
    make: misjudging(({ verdict }) => verdict.state === 'inconclusive', alive),
  },
  {
    name: 'has no negative control: its random credential is the right one',
    caughtBy: 'a random credential of the same shape',
    make: (good) => ({ ...good, probe: { ...good.probe, randomLike: (material) => material } }),
  },
];

const changes: readonly Mistake[] = [
  {
    name: 'swallows the target’s error and says applied',
    caughtBy: 'an authority that may change nothing',
    make: misdoing((good) => ({
      suspend: async (...args) => good.suspend(...args).catch(() => ({ effect: 'applied' as const })),
    })),
  },
  {
    name: 'says applied when nothing was',
    caughtBy: 'a suspended credential is refused',
    make: misdoing(() => ({ suspend: async () => ({ effect: 'applied' }) })),
  },
  {
    name: 'says alreadySo when it could not reach the target',
    caughtBy: 'a target that cannot be reached',
    make: misdoing((good) => ({
      revoke: async (...args) => good.revoke(...args).catch(() => ({ effect: 'alreadySo' as const })),
    })),
  },
  {
    name: 'puts the material into its error',
    caughtBy: 'no error holds a secret',
    make: misdoing((good) => ({
      suspend: async (subject, version, call) =>
        good.suspend(subject, version, call).catch(() => {
          const message = `the target refused ${call.authority.toVaultText()}`;
          throw new Failure('TargetRejected', message, 'unknown');
        }),
    })),
  },
  {
    name: 'fails when it is asked a second time',
    caughtBy: 'suspend is idempotent',
    make: misdoing((good) => {
      const seen = new Set<string>();
      return {
        async suspend(subject, version, call) {
          if (seen.has(version.remoteId))
            throw new Failure('TargetRejected', 'it is suspended already', 'none');
          seen.add(version.remoteId);
          return good.suspend(subject, version, call);
        },
      };
    }),
  },
  {
    name: 'takes what is gone for an error',
    caughtBy: 'revoke of what is gone already',
    make: misdoing((good) => ({
      async revoke(...args) {
        const change = await good.revoke(...args);
        if (change.effect === 'alreadySo') throw new Failure('PrincipalMissing', 'there is none', 'none');
        return change;
      },
    })),
  },
];

const lists: readonly Mistake[] = [
  {
    name: 'takes everything it lists for its own',
    caughtBy: 'list never says of another',
    make: misdoing((good) => ({
      list: async (...args) => (await good.list(...args)).map((each) => ({ ...each, attributable: true })),
    })),
  },
  {
    name: 'answers an empty list when it cannot look',
    caughtBy: 'a target that cannot be reached',
    make: misdoing((good) => ({ list: async (...args) => good.list(...args).catch(() => []) })),
  },
];

/** Mistakes that can be made with every kind. A kit that lets one of them through proves nothing. */
export const commonMistakes: readonly Mistake[] = [...verdicts, ...changes, ...lists];

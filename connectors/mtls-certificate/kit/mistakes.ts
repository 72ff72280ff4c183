import { dead, misdoing, misjudging, type Mistake } from '../../../kit/mistake';

/** Mistakes a connector of certificates makes. */
export const mistakes: readonly Mistake[] = [
  {
    name: 'takes any alert for a refusal, whoever sent it',
    caughtBy: 'verdict of proxyForbids',
    make: misjudging(({ rawCode }) => rawCode.includes('alert'), dead),
  },
  {
    name: 'takes an endpoint that cannot show who it is for a refusal',
    caughtBy: 'verdict of untrusted',
    make: misjudging(({ rawCode }) => /CERT|SIGNATURE|VERIFY|ISSUER/.test(rawCode), dead),
  },
  {
    name: 'takes a missing right for a dead certificate',
    caughtBy: 'verdict of noPermission',
    make: misjudging(({ rawCode }) => rawCode.includes('HTTP 403'), dead),
  },
  {
    name: 'takes a finished TLS 1.3 handshake for acceptance',
    caughtBy: 'a suspended credential is refused',
    make: misjudging(({ rawCode }) => rawCode.includes('certificate_revoked'), { state: 'accepted' }),
  },
  {
    name: 'answers zero connections when it may not see them',
    caughtBy: 'an authority that cannot see the sessions',
    make: misdoing((good) => ({
      countSessions: async (...args) =>
        good.countSessions(...args).catch(() => ({ count: 0, countedBy: 'nothing' })),
    })),
  },
  {
    name: 'does not close what it says it closed',
    caughtBy: 'sessions are counted to the last one',
    make: misdoing((good) => ({ endSessions: async (...args) => good.countSessions(...args) })),
  },
  {
    name: 'registers the certificate while it makes it, before it is durable anywhere',
    caughtBy: 'minting touches nothing',
    make: misdoing((good) => ({
      async mint(subject, current, call) {
        const minted = await good.mint(subject, current, call);
        await good.apply(subject, { versionId: 'early', ...minted }, minted.material, call);
        return minted;
      },
    })),
  },
  {
    name: 'revokes the newest certificate instead of the one it is told',
    caughtBy: 'the old credential is taken away',
    make: misdoing((good) => ({
      async revoke(subject, version, disposition, call) {
        const own = (await good.list(subject, call)).filter(({ attributable }) => attributable);
        const remoteId = own.at(-1)?.remoteId ?? version.remoteId;
        return good.revoke(subject, { ...version, remoteId }, disposition, call);
      },
    })),
  },
];

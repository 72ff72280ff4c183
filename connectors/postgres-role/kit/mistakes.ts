import { dead, misdoing, misjudging, type Mistake } from '../../../kit/mistake';

/** Mistakes a connector of databases makes. */
export const mistakes: readonly Mistake[] = [
  {
    name: 'takes a missing right for a dead credential',
    caughtBy: 'verdict of noPermission',
    make: misjudging(({ rawCode }) => rawCode === '42501', dead),
  },
  {
    name: 'answers zero sessions when it may not see them',
    caughtBy: 'an authority that cannot see the sessions',
    make: misdoing((good) => ({
      countSessions: async (...args) =>
        good.countSessions(...args).catch(() => ({ count: 0, countedBy: 'nothing' })),
    })),
  },
  {
    name: 'counts sessions by a name that the client chooses',
    caughtBy: 'sessions are counted to the last one',
    make: misdoing((good) => ({
      countSessions: async (subject, version, scope, call) =>
        good.countSessions(subject, version, { ...scope, client: version.remoteId }, call),
    })),
  },
  {
    name: 'does not end what it says it ended',
    caughtBy: 'sessions are counted to the last one',
    make: misdoing((good) => ({ endSessions: async (...args) => good.countSessions(...args) })),
  },
  {
    name: 'applies the value while it makes it, before it is durable anywhere',
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
    name: 'suspends the newest credential instead of the one it is told',
    caughtBy: 'the old credential is taken away',
    make: misdoing((good) => ({
      async suspend(subject, version, call) {
        const own = (await good.list(subject, call)).filter(({ attributable }) => attributable);
        const newest = own.find(({ remoteId }) => remoteId !== version.remoteId) ?? version;
        return good.suspend(subject, { ...version, remoteId: newest.remoteId }, call);
      },
    })),
  },
];

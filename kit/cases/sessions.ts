import { callWith, endOf, having, type KitCase } from '../scene';

const HELD = 3;

/** Sessions that outlive their credential, for kinds that can count and end them. */
export const sessions: readonly KitCase[] = [
  {
    name: 'sessions are counted to the last one, ended, and counted to zero',
    expected: '3, then 0',
    appliesTo: having('countSessions', 'endSessions'),
    async run({ connector, given, bench }) {
      for (let opened = 0; opened < HELD; opened += 1) await bench.sessions?.open(given, given.current);
      const count = async () =>
        (await connector.operations.countSessions(given.subject, given.current, {}, callWith(given.control)))
          .count;
      const before = await count();
      await connector.operations.endSessions(given.subject, given.current, {}, callWith(given.admin));
      return `${before}, then ${await count()}`;
    },
  },
  {
    name: 'ending sessions is idempotent and leaves those of others alone',
    expected: '1, 0, 0, others 1',
    appliesTo: having('countSessions', 'endSessions'),
    async run({ connector, given, bench }) {
      await bench.sessions?.open(given, given.current);
      await bench.sessions?.open(given, given.foreign);
      const end = async () =>
        (await connector.operations.endSessions(given.subject, given.current, {}, callWith(given.admin)))
          .count;
      const ends = [await end(), await end(), await end()];
      const others = (await bench.sessions?.alive(given.foreign)) ?? 0;
      return `${ends.join(', ')}, others ${others}`;
    },
  },
  {
    name: 'an authority that cannot see the sessions fails to count them, and never answers zero',
    expected: 'failed (none)',
    appliesTo: having('countSessions'),
    async run({ connector, given, bench }) {
      await bench.sessions?.open(given, given.current);
      const blind = await bench.sessions?.blind(given);
      if (!blind) return 'the fixture has no blind authority';
      const end = await endOf(async () =>
        connector.operations.countSessions(given.subject, given.current, {}, callWith(blind)),
      );
      return end.endsWith('(none)') ? 'failed (none)' : end;
    },
  },
];

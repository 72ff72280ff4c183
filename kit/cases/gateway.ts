import { callWith, endOf, having, present, wentThrough, type KitCase } from '../scene';
import { tally } from './making';

/** The second enforcement point, for kinds that have one. */
export const gateway: readonly KitCase[] = [
  {
    name: 'a block is idempotent, refuses behind the gateway with a signal of its own, and can be taken back',
    expected: 'done x4, refused by a block, then accepted',
    appliesTo: having('fallbackGateway'),
    async run(scene) {
      const { connector, given, bench } = scene;
      const { operations, descriptor } = connector;
      const path = bench.gatewayPath?.(given);
      if (!path) return 'the fixture names no path behind the gateway';
      const turn = async (verb: 'block' | 'unblock') =>
        wentThrough(
          await endOf(async () => operations[verb](given.subject, given.current, callWith(given.admin))),
        );
      const ends = [await turn('block'), await turn('block')];
      const blocked = await present(scene, { path });
      ends.push(await turn('unblock'), await turn('unblock'));
      const by =
        blocked.state === 'refused' && descriptor.blockSignals?.includes(blocked.signal)
          ? 'a block'
          : 'another';
      return `${tally(ends)}, ${blocked.state} by ${by}, then ${(await present(scene, { path })).state}`;
    },
  },
];

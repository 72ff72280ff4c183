import type { Change } from '../../core/connector';
import { callWith, endOf, having, made, type KitCase, type Scene } from '../scene';

const refusing = (verb: string, act: (scene: Scene) => Promise<Change>): KitCase => ({
  name: `a ${verb} aimed at another identity’s credential fails before anything changes, and that one lives`,
  expected: 'failed (none), lives yes',
  appliesTo: having(verb === 'suspend' ? 'suspend' : 'revoke'),
  async run(scene) {
    const end = await endOf(async () => act(scene));
    const failed = end.endsWith('(none)') ? 'failed (none)' : end;
    return `${failed}, lives ${await scene.given.accepts(scene.given.foreign.material)}`;
  },
});

/** What is not the identity's own is seen, reported and left alone. */
export const foreign: readonly KitCase[] = [
  {
    name: 'list never says of another identity’s credential that it is this one’s',
    expected: 'own yes, foreign no',
    appliesTo: having('list'),
    async run({ connector, given: alone, bench }) {
      const given = (await bench.amongOthers?.(alone)) ?? alone;
      const live = await connector.operations.list(given.subject, callWith(given.control));
      const attributed = (remoteId: string) =>
        live.some((each) => each.remoteId === remoteId && each.attributable) ? 'yes' : 'no';
      return `own ${attributed(given.current.remoteId)}, foreign ${attributed(given.foreign.remoteId)}`;
    },
  },
  refusing('suspend', async ({ connector, given }) =>
    connector.operations.suspend(given.subject, given.foreign, callWith(given.admin)),
  ),
  refusing('revoke', async ({ connector, given }) =>
    connector.operations.revoke(given.subject, given.foreign, 'removePrincipal', callWith(given.admin)),
  ),
  {
    name: 'a whole life of one identity’s credentials leaves another’s alone',
    expected: 'lives yes',
    appliesTo: having('rotate', 'suspend', 'revoke'),
    async run(scene) {
      const { connector, given } = scene;
      const call = callWith(given.admin);
      const candidate = await made(scene);
      await connector.operations.suspend(given.subject, given.current, call);
      for (const version of [given.current, candidate])
        await connector.operations.revoke(given.subject, version, 'removePrincipal', call);
      return `lives ${await given.accepts(given.foreign.material)}`;
    },
  },
];

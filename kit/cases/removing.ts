import type { CredentialVersion } from '../../core/credential';
import { callWith, endOf, having, made, presentUntil, wentThrough, type KitCase, type Scene } from '../scene';
import { tally } from './making';

type Remove = (scene: Scene, version: CredentialVersion) => Promise<unknown>;

const suspend: Remove = async ({ connector, given }, version) =>
  connector.operations.suspend(given.subject, version, callWith(given.admin));
const revoke: Remove = async ({ connector, given }, version) =>
  connector.operations.revoke(given.subject, version, 'removePrincipal', callWith(given.admin));

const idempotent = (verb: 'suspend' | 'revoke', act: Remove): KitCase => ({
  name: `${verb} is idempotent: twice in a row, twice at once, and three times after`,
  expected: 'done x7, accepted no',
  appliesTo: having(verb),
  async run(scene) {
    const once = async () => wentThrough(await endOf(async () => act(scene, scene.given.current)));
    const ends = [await once(), await once(), ...(await Promise.all([once(), once()]))];
    for (let more = 0; more < 3; more += 1) ends.push(await once());
    await presentUntil(scene, {}, 'refused');
    return `${tally(ends)}, accepted ${await scene.given.accepts(scene.given.current.material)}`;
  },
});

const absent = (verb: 'suspend' | 'revoke', act: Remove): KitCase => ({
  name: `${verb} of what is gone already is success`,
  expected: 'done x2',
  appliesTo: having(verb),
  async run(scene) {
    await scene.given.removeByHand(scene.given.current);
    const once = async () => wentThrough(await endOf(async () => act(scene, scene.given.current)));
    return tally([await once(), await once()]);
  },
});

/** How a credential comes to its end. */
export const removing: readonly KitCase[] = [
  {
    name: 'a suspended credential is refused, by the probe and by the target itself',
    expected: 'refused, and no',
    appliesTo: having('suspend'),
    async run(scene) {
      await suspend(scene, scene.given.current);
      const seen = await presentUntil(scene, {}, 'refused');
      return `${seen}, and ${await scene.given.accepts(scene.given.current.material)}`;
    },
  },
  {
    name: 'a revoked credential is refused, and not listed as active',
    expected: 'refused, not active',
    appliesTo: having('revoke', 'list'),
    async run(scene) {
      const { connector, given } = scene;
      await revoke(scene, given.current);
      const seen = await presentUntil(scene, {}, 'refused');
      const live = await connector.operations.list(given.subject, callWith(given.admin));
      const listed = live.some(
        ({ remoteId, status }) => remoteId === given.current.remoteId && status === 'active',
      );
      return `${seen}, ${listed ? 'active' : 'not active'}`;
    },
  },
  {
    name: 'the old credential is taken away, and not the one that came after it',
    expected: 'old no, new yes',
    appliesTo: (descriptor) =>
      Object.values(descriptor.strategies).some(({ overlap }) => overlap === 'twoActive')
        ? having('rotate', 'suspend', 'revoke')(descriptor)
        : 'no',
    async run(scene) {
      const { given, connector } = scene;
      const candidate = await made(scene);
      await suspend(scene, given.current);
      await connector.operations.revoke(given.subject, given.current, 'keepPrincipal', callWith(given.admin));
      await presentUntil(scene, {}, 'refused');
      return `old ${await given.accepts(given.current.material)}, new ${await given.accepts(candidate.material)}`;
    },
  },
  idempotent('suspend', suspend),
  idempotent('revoke', revoke),
  absent('suspend', suspend),
  absent('revoke', revoke),
];

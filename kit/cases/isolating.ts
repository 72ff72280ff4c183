import { callWith, endOf, having, made, wentThrough, type KitCase, type Scene } from '../scene';
import { tally } from './making';

async function isolate({ connector, given }: Scene): Promise<string> {
  const call = callWith(given.admin);
  return wentThrough(await endOf(async () => connector.operations.isolate(given.subject, call)));
}

/** The denial above an identity, for kinds that can put one there. */
export const isolating: readonly KitCase[] = [
  {
    name: 'isolation is idempotent, takes every right from the identity, and none from another one',
    expected: 'done x3, own no, foreign yes',
    appliesTo: having('isolate'),
    async run(scene) {
      const { given, bench } = scene;
      const ends = [await isolate(scene), await isolate(scene), await isolate(scene)];
      const own = await bench.mayAct?.(given.current.material);
      const foreign = await bench.mayAct?.(given.foreign.material);
      return `${tally(ends)}, own ${own ?? 'not asked'}, foreign ${foreign ?? 'not asked'}`;
    },
  },
  {
    name: 'a credential made for an isolated identity lifts the isolation, and the old one stays dead',
    expected: 'new yes, old no',
    appliesTo: having('isolate', 'rotate', 'suspend', 'revoke'),
    async run(scene) {
      const { connector, given, bench } = scene;
      const call = callWith(given.admin);
      await isolate(scene);
      await connector.operations.suspend(given.subject, given.current, call);
      await connector.operations.revoke(given.subject, given.current, 'removePrincipal', call);
      const candidate = await made(scene);
      const may = await bench.mayAct?.(candidate.material);
      return `new ${may ?? 'not asked'}, old ${await given.accepts(given.current.material)}`;
    },
  },
];

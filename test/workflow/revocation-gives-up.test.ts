import { Failure } from '../../core/failure';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { meeting } from '../support/meeting';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';
import { rotate, RUN, settled, strategies, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const EMERGENCY = 'the-emergency';

/** A registry in which a revocation can owe nothing, so that it fails for good before it contains anything. */
function refusing(registry: Registry): Registry {
  return {
    ...registry,
    openObligation: async (owed) => {
      if (owed.by === 'revocation') throw new Failure('Internal', 'The registry took no obligation.', 'none');
      return registry.openObligation(owed);
    },
  };
}

/** A rotation whose candidate is in place, and a revocation that takes the identity from it there and gives up. */
async function scene(strategy: (typeof strategies)[number]): Promise<Scene> {
  const identity = await seedIdentity(server, { id: `given-up-${strategy}`, strategy });
  const holder: { app?: MemoryApp; evidence?: EvidenceStore } = {};
  const app = await memoryApp([identity.policy], (deps) => {
    const moment = { runId: RUN, record: 'ProveNew Judged', side: 'after' } as const;
    holder.evidence ??= meeting(deps.evidence, moment, async () =>
      holder.app?.run('Revocation', EMERGENCY, { identityId: identity.id, reason: 'a rumour' }),
    );
    const registry = refusing(deps.registry);
    const sleep = async (ms: number) => holder.app?.clock.advance(ms);
    return {
      deps: { ...deps, registry, evidence: holder.evidence, sleep },
      died: new Promise(() => undefined),
    };
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return { app, identity };
}

describe.each(strategies)(
  'a rotation by %s whose identity is taken by a revocation that then gives up',
  (strategy) => {
    it('owes the refusal of its candidate; Settle proves it, and the next rotation is verified', async () => {
      const given = await scene(strategy);
      const { app, identity } = given;
      const { registry, vault } = app.deps;
      const before = (await vault.labels(identity.secret)).current;
      await rotate(given);
      const { pending: candidate = '' } = await vault.labels(identity.secret);
      expect(await registry.summary(EMERGENCY)).toMatchObject({
        outcome: 'aborted',
        cause: expect.any(String),
      });
      expect(await registry.summary(RUN)).toMatchObject({ outcome: 'fenced' });
      expect(await registry.obligationsOf(identity.id)).toMatchObject([
        { type: 'refusal', by: 'rotation', versionId: candidate, runId: RUN },
      ]);
      await settled(given);
      expect(await registry.obligationsOf(identity.id)).toEqual([]);
      const answers = async (versionId = '') => {
        const material = await vault.read(identity.secret, versionId);
        return material && login(server, material);
      };
      expect(await answers(candidate)).toBe('28P01');
      expect(await answers(before)).toBe('accepted');
      await rotate(given, 'the-next');
      expect(await registry.summary('the-next')).toMatchObject({ outcome: 'verified' });
      await app.stop();
    }, 120_000);
  },
);

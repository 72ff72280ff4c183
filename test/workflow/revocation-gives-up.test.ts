import { Failure } from '../../core/failure';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import type { Vault } from '../../core/ports/vault';
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

/** Where the revocation comes, and gives up: the candidate is in place, or only noted. */
type At = 'after ProveNew' | 'before the vault keeps the candidate';

/** A rotation, and a revocation that takes the identity from it and gives up. */
async function scene(strategy: (typeof strategies)[number], at: At): Promise<Scene> {
  const id = `given-up-${strategy}-${at === 'after ProveNew' ? 'late' : 'early'}`;
  const identity = await seedIdentity(server, { id, strategy });
  const holder: { app?: MemoryApp; evidence?: EvidenceStore } = {};
  const emergency = async () =>
    holder.app?.run('Revocation', EMERGENCY, { identityId: identity.id, reason: 'a rumour' });
  const app = await memoryApp([identity.policy], (deps) => {
    const moment = { runId: RUN, record: 'ProveNew Judged', side: 'after' } as const;
    holder.evidence ??= at === 'after ProveNew' ? meeting(deps.evidence, moment, emergency) : deps.evidence;
    const changed = {
      evidence: holder.evidence,
      registry: refusing(deps.registry),
      vault: at === 'after ProveNew' ? deps.vault : keepingNothing(deps.vault, emergency),
      sleep: async (ms: number) => holder.app?.clock.advance(ms),
    };
    return { deps: { ...deps, ...changed }, died: new Promise(() => undefined) };
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return { app, identity };
}

/** A vault that keeps no candidate; the first one it refuses after `before`. */
function keepingNothing(vault: Vault, before: () => Promise<unknown>): Vault {
  return new Proxy(vault, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      if (property !== 'putPending') return member.bind(target) as unknown;
      return async () => {
        await before();
        throw new Failure('Internal', 'The vault kept nothing.', 'none');
      };
    },
  });
}

describe('a rotation whose identity is taken by a revocation that then gives up, before the candidate is kept', () => {
  it('owes the refusal of what it noted; Settle finds that it never was, and withdraws it', async () => {
    const given = await scene('alternating', 'before the vault keeps the candidate');
    const { app, identity } = given;
    const { registry } = app.deps;
    await rotate(given);
    expect(await registry.summary(RUN)).toMatchObject({ outcome: 'fenced' });
    expect(await registry.obligationsOf(identity.id)).toMatchObject([{ type: 'refusal', runId: RUN }]);
    await settled(given);
    expect(await registry.obligationsOf(identity.id)).toEqual([]);
    const [settling] = (await registry.runs({ identityId: identity.id, limit: 9 })).filter(
      ({ kind }) => kind === 'settle',
    );
    expect(settling?.cause).toContain('so nothing was ever put in use');
    await app.stop();
  }, 120_000);
});

describe.each(strategies)(
  'a rotation by %s whose identity is taken by a revocation that then gives up',
  (strategy) => {
    it('owes the refusal of its candidate; Settle proves it, and the next rotation is verified', async () => {
      const given = await scene(strategy, 'after ProveNew');
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

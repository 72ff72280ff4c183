import type { Deps } from '../../lambdas/steps/deps';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { memoryApp, type Around } from '../../test/support/memory-app';
import { storeSecrets } from '../../test/support/postgres-identity';
import { Tally, type Pipeline } from './pipeline';
import type { Identities } from './subject';

/** Our own CPU only: the synthesised machines and steps over stores in this process. */
export async function memoryPipeline(identities: Identities): Promise<Pipeline> {
  const tally = new Tally();
  let counting = false;
  const around: Around = (deps) => ({
    deps: counting ? metered(deps, tally) : deps,
    died: new Promise(() => undefined),
  });
  const app = await memoryApp(
    Object.values(identities).map(({ policy }) => policy),
    around,
  );
  for (const identity of Object.values(identities)) storeSecrets(app.vault, identity);
  await enrol(app.deps);
  let serial = 0;
  const rotate: Pipeline['rotate'] = async (strategy) => {
    serial += 1;
    const ended = await app.run('Rotation', `run-${serial}`, { identityId: identities[strategy].id });
    if (ended['status'] !== 'SUCCEEDED')
      throw new Error(`the rotation ended ${String(ended['status'])}: ${String(ended['cause'])}`);
  };
  return {
    name: 'in-memory stores',
    goal: 1.1,
    rotate,
    counted: async (strategy) => {
      counting = true;
      await rotate(strategy);
      counting = false;
      return tally.taken();
    },
    stop: () => app.stop(),
  };
}

function metered(deps: Deps, tally: Tally): Deps {
  const { registry, evidence, vault, fingerprints } = deps;
  return {
    ...deps,
    registry: watched('registry', registry, tally),
    evidence: watched('evidence', evidence, tally),
    vault: watched('vault', vault, tally),
    fingerprints: watched('fingerprints', fingerprints, tally),
  };
}

/** The port itself, every call of a method counted. */
function watched<T extends object>(port: string, target: T, tally: Tally): T {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        tally.add(`${port}.${String(name)}`);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

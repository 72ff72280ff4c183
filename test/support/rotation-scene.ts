import type { ConsumerPort } from '../../core/consumer';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import type { Deps } from '../../lambdas/steps/deps';
import { memoryApp, type MemoryApp } from './memory-app';
import { toldBy, type Told } from './oracle';
import type { TestPostgres } from './postgres';
import { seedIdentity, storeSecrets, type IdentityOptions, type SeededIdentity } from './postgres-identity';

/** The name of a scene's rotation unless it is given another. */
export const RUN = 'the-run';

export const strategies = ['alternating', 'in-place'] as const;

/** One identity on a real PostgreSQL, and an app whose world somebody meddles with while it works. */
export interface Scene {
  readonly app: MemoryApp;
  readonly identity: SeededIdentity;
}

type Hook = (given: Scene) => Promise<unknown>;

/** What happens in the world around port calls of the product. */
export interface Meddling {
  /** After the first change at the target. */
  readonly afterApply?: Hook;
  /** After the label was moved for the first time. */
  readonly afterPromote?: Hook;
  /** Before the pending label is taken off for the first time. */
  readonly beforeDrop?: Hook;
  /** Before every record; what it throws is what the store answers. */
  readonly beforeRecord?: (record: Told) => void;
  readonly consumers?: ConsumerPort;
  /** Fields of the policy that differ. */
  readonly policy?: object;
}

type Changed = Pick<Deps, 'connector' | 'vault' | 'consumers' | 'evidence' | 'sleep'>;

/** Seeds the identity, builds the app over it and enrols it. */
export async function rotationScene(
  server: TestPostgres,
  options: IdentityOptions,
  meddling: Meddling = {},
): Promise<Scene> {
  const seeded = await seedIdentity(server, options);
  const identity = { ...seeded, policy: { ...seeded.policy, ...meddling.policy } };
  const holder: { changed?: Changed } = {};
  const app: MemoryApp = await memoryApp([identity.policy], (deps) => {
    holder.changed ??= changed(deps, meddling, () => ({ app, identity }));
    return { deps: { ...deps, ...holder.changed }, died: new Promise(() => undefined) };
  });
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return { app, identity };
}

function changed(deps: Deps, meddling: Meddling, given: () => Scene): Changed {
  const run = (hook: Hook | undefined) => async () => hook?.(given());
  const { afterApply, afterPromote, beforeDrop, beforeRecord, consumers } = meddling;
  const promoting = around(deps.vault, 'promote', { after: run(afterPromote) });
  return {
    connector: {
      ...deps.connector,
      operations: around(deps.connector.operations, 'apply', { after: run(afterApply) }),
    },
    vault: around(promoting, 'dropPending', { before: run(beforeDrop) }),
    consumers: consumers ?? deps.consumers,
    evidence: beforeRecord ? listening(deps.evidence, beforeRecord) : deps.evidence,
    // What a step waits for is decided by engine time, which a test lets pass.
    sleep: async (ms) => given().app.clock.advance(ms * 25),
  };
}

interface Once {
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

/** Calls the hooks around the first call of one method. */
function around<P extends object>(port: P, method: keyof P, hooks: Once): P {
  let calls = 0;
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      if (property !== method) return member.bind(target) as unknown;
      return async (...args: unknown[]) => {
        calls += 1;
        const { before, after } = calls === 1 ? hooks : {};
        await before?.();
        const result: unknown = await Reflect.apply(member, target, args);
        await after?.();
        return result;
      };
    },
  });
}

function listening(store: EvidenceStore, hear: (record: Told) => void): EvidenceStore {
  return {
    put: async (record) => {
      hear(toldBy(record.body));
      return store.put(record);
    },
    get: async (chain, runId, seq) => store.get(chain, runId, seq),
    last: async (chain, runId) => store.last(chain, runId),
    read: async (chain, runId) => store.read(chain, runId),
  };
}

/** Rotates the identity and waits for the execution's end. */
export async function rotate({ app, identity }: Scene, name = RUN): Promise<Record<string, unknown>> {
  return app.passing(app.run('Rotation', name, { identityId: identity.id, reason: 'a test' }));
}

/** Lets time pass and Settle look, until nothing is open or owed but removals, which the target may never allow. */
export async function settled({ app, identity }: Scene): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const owed = (await app.deps.registry.obligationsOf(identity.id)).filter(
      ({ type }) => type !== 'removal',
    );
    if (owed.length === 0 && (await app.deps.registry.openRuns()).length === 0) return;
    await app.clock.advance(10 * 60_000);
    await app.passing(app.settle());
  }
}

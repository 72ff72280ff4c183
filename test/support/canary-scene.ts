import { enrol } from '../../lambdas/steps/sweep/enrol';
import { canaryTargets, type CanaryKind, type CanaryTarget } from './canary-targets';
import { CanaryWatch } from './canary-watch';
import { memoryApp, type MemoryApp } from './memory-app';

/** A server of a kind, identities on it, and an app over them whose every port is watched. */
export interface CanaryScene {
  readonly app: MemoryApp;
  readonly watch: CanaryWatch;
  readonly target: CanaryTarget;
  stop(): Promise<void>;
}

/** Builds the scene; `changes` are fields of an identity's policy that differ, by its id. */
export async function canaryScene(
  kind: CanaryKind,
  ids: readonly string[],
  changes: Readonly<Record<string, object>> = {},
): Promise<CanaryScene> {
  const target: CanaryTarget = await canaryTargets[kind]();
  const identities = [];
  for (const id of ids) identities.push(await target.identity(id));
  let ahead = 0;
  const align = async () => {
    const lag = app.clock.now() - Date.now() - ahead;
    if (lag < 100) return;
    ahead += lag;
    await target.advance(lag);
  };
  const watch = new CanaryWatch(target, { align, sleep: async (ms) => app.clock.advance(ms) });
  const app = await memoryApp(
    identities.map(({ id, policy }) => ({ ...policy, ...changes[id] })),
    (deps, event) => watch.around(deps, event),
  );
  for (const identity of identities) {
    identity.store(app.vault);
    for (const use of ['', '/admin', '/control'])
      watch.learn((await app.vault.readCurrent(`gapless/${identity.id}${use}`)).material);
  }
  await enrol(app.deps);
  const stop = async () => {
    await app.stop();
    await target.stop();
  };
  return { app, watch, target, stop };
}

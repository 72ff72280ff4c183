import type { KeyService } from '../../apps/local/target/key-service/start';
import { connector } from '../../connectors/http-api-key';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { edges, keyIdentity, type KeyIdentity } from './key-identity';
import { memoryApp, type MemoryApp } from './memory-app';

/** One identity on a key service, and an app over it. */
export interface KeyScene {
  readonly app: MemoryApp;
  readonly identity: KeyIdentity;
}

/** Builds the app. Its waiting lets the service's clock run too, so nobody waits a real minute. */
export async function keyScene(service: KeyService, id: string, pace: object): Promise<KeyScene> {
  const identity = await keyIdentity(service, id, pace);
  const holder: { app?: MemoryApp } = {};
  const sleep = async (ms: number) => {
    await service.turn({ advanceMs: ms });
    await holder.app?.clock.advance(ms);
  };
  const app = await memoryApp([identity.policy], (deps) => ({
    deps: { ...deps, connector, sleep },
    died: new Promise(() => undefined),
  }));
  holder.app = app;
  identity.store(app.vault);
  await enrol(app.deps);
  return { app, identity };
}

/** Who still lets a key in, by their own word: the service itself and its edges. */
export async function letIn(service: KeyService, key: string): Promise<readonly string[]> {
  const asked = ['service', ...edges] as const;
  const answers = await Promise.all(
    asked.map(async (edge) => [edge, await service.whoami(key, edge)] as const),
  );
  return answers.filter(([, status]) => status === 200).map(([edge]) => edge);
}

import { keyIdentity, type KeyIdentity } from '../../apps/local/target/key-service/identity';
import type { KeyService } from '../../apps/local/target/key-service/start';
import { connector } from '../../connectors/http-api-key';
import { mutator } from '../../connectors/http-api-key/mutator';
import type { Connector } from '../../core/connector';
import { mutatorOf } from '../../core/halves';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { inTest, storeFirst } from './first-secrets';
import { memoryApp, type MemoryApp } from './memory-app';

/** One identity on a key service, and an app over it. */
export interface KeyScene {
  readonly app: MemoryApp;
  readonly identity: KeyIdentity;
}

/**
 * Builds the app. Its waiting lets the service's clock run too, so nobody waits a real minute.
 * @param used the connector that the app works with; the real one by default
 */
export async function keyScene(
  service: KeyService,
  id: string,
  pace: object,
  used: Connector = connector,
): Promise<KeyScene> {
  const identity = await keyIdentity(service, inTest(id), pace);
  const holder: { app?: MemoryApp } = {};
  const sleep = async (ms: number) => {
    await service.turn({ advanceMs: ms });
    await holder.app?.clock.advance(ms);
  };
  const app = await memoryApp([identity.policy], (deps) => ({
    deps: { ...deps, connector: used, sleep },
    ...(used === connector && { mutator: mutatorOf(mutator) }),
    died: new Promise(() => undefined),
  }));
  holder.app = app;
  storeFirst(app.vault, identity.secrets);
  await enrol(app.deps);
  return { app, identity };
}

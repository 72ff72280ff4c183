import type { VaultMaterial } from '../../core/ports/vault';
import { RunMemory } from './run-memory';
import { serve, type Steps } from './serve';

/** A function whose steps read the vault, each secret once for a run. */
export function serveRemembering<D extends { readonly vault: VaultMaterial }>(
  compose: () => D,
  steps: Steps<D>,
): (event: unknown) => Promise<object> {
  const memory = new RunMemory(() => Date.now());
  const remembering = (): D => {
    const deps = compose();
    return { ...deps, vault: memory.over(deps.vault) };
  };
  return serve(remembering, memory.around(steps));
}

import type { Traits } from '../../core/connector';
import { proberOf } from '../../core/halves';
import type { ProberHalf } from '../../core/verbs';
import { proberSteps } from '../steps/tables';
import { composeProber } from './compose';
import { RunMemory } from './run-memory';
import { serve } from './serve';

/** The function that presents credentials to targets of one kind. */
export function serveProber<T extends Traits>(half: ProberHalf<T>): (event: unknown) => Promise<object> {
  const memory = new RunMemory(() => Date.now());
  const compose = () => {
    const deps = composeProber(proberOf(half));
    return { ...deps, vault: memory.over(deps.vault) };
  };
  return serve(compose, memory.around(proberSteps));
}

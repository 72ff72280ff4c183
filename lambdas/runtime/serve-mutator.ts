import type { Traits } from '../../core/connector';
import { mutatorOf } from '../../core/halves';
import type { MutatorHalf } from '../../core/verbs';
import { mutatorSteps } from '../steps/tables';
import { composeMutator } from './compose';
import { RunMemory } from './run-memory';
import { serve } from './serve';

/** The function that changes targets of one kind. */
export function serveMutator<T extends Traits>(half: MutatorHalf<T>): (event: unknown) => Promise<object> {
  const memory = new RunMemory(() => Date.now());
  const compose = () => {
    const deps = composeMutator(mutatorOf(half));
    return { ...deps, vault: memory.over(deps.vault) };
  };
  return serve(compose, memory.around(mutatorSteps));
}

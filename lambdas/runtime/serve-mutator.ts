import type { Traits } from '../../core/connector';
import { mutatorOf } from '../../core/halves';
import type { MutatorHalf } from '../../core/verbs';
import { mutatorSteps } from '../steps/tables';
import { composeMutator } from './compose';
import { serveRemembering } from './serve-remembering';

/** The function that changes targets of one kind. */
export function serveMutator<T extends Traits>(half: MutatorHalf<T>): (event: unknown) => Promise<object> {
  return serveRemembering(() => composeMutator(mutatorOf(half)), mutatorSteps);
}

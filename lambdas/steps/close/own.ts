import type { Deps, Execution } from '../deps';
import { asKind } from '../emergency';
import { closeFailed } from './failed';
import { sentenceOf, type RawFailure, type Sentence } from './sentence';

/**
 * Closes the run of an execution that failed, but not a run that it only has the name of. Whose it is, its marker says:
 * a run that another execution opened or took over is closed by that one, and without a marker there is nothing to close.
 */
export async function closeOwn(
  deps: Parameters<typeof closeFailed>[0] & Pick<Deps, 'spill'>,
  execution: Execution,
  runId: string,
  failure: RawFailure,
): Promise<Sentence> {
  // Settle and a resumed bulk revocation close runs of other names, which they took over.
  const named = runId === execution.name;
  const marker = await deps.registry.run(runId);
  if (named && marker?.executionArn !== execution.id) return sentenceOf(failure);
  return closeFailed(asKind(deps, marker?.kind), runId, failure);
}

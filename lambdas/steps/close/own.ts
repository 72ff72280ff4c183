import type { Execution } from '../deps';
import { closeFailed } from './failed';
import { sentenceOf, type RawFailure, type Sentence } from './sentence';

/**
 * Closes the run of an execution that failed, but not a run that it only has the name of. Whose it is, its marker says:
 * a run that another execution opened or took over is closed by that one, and without a marker there is nothing to close.
 */
export async function closeOwn(
  deps: Parameters<typeof closeFailed>[0],
  execution: Execution,
  runId: string,
  failure: RawFailure,
): Promise<Sentence> {
  // Settle and a resumed bulk revocation close runs of other names, which they took over.
  const named = runId === execution.name;
  if (named && (await deps.registry.run(runId))?.executionArn !== execution.id) return sentenceOf(failure);
  return closeFailed(deps, runId, failure);
}

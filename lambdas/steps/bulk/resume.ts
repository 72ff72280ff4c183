import { Failure } from '../../../core/failure';
import { closeFailed } from '../close/failed';
import type { Execution } from '../deps';
import { newest, storyOf } from '../heads';
import { blankBulk, type BulkOpened, type BulkPorts } from './state';

const ABORTED = {
  Error: 'RunAborted',
  Cause:
    'The execution of this bulk revocation ended before anybody was frozen in its list. Nothing was changed.',
} as const;

/**
 * Takes over a bulk run whose execution ended. Its list is gone through once more: revocations that were started are
 * found by their names, those that never were are started.
 * @throws Failure LeaseHeld when there is nothing to take over
 */
export async function resume(deps: BulkPorts, execution: Execution, runId: string): Promise<BulkOpened> {
  const marker = await deps.registry.run(runId);
  if (marker?.kind !== 'bulk') throw over(`Bulk run ${runId} is not open.`);
  if (marker.executionArn !== execution.id) await deps.registry.adoptRun(marker, execution.id);
  const { run, heads } = await storyOf(deps.evidence, runId);
  const opened = newest(run, 'RunOpened');
  if (!opened?.selection || newest(run, 'RunClosed')) {
    await closeFailed(deps, runId, ABORTED);
    throw over(`Bulk run ${runId} had nothing left to do and was closed.`);
  }
  const { list, count } = opened.selection;
  // Whoever has agreed is not asked again; an answer that was not read yet is.
  const agreed = newest(run, 'ApprovalDecided')?.decision === 'approved';
  const approval = agreed ? 'never' : opened.selection.approval;
  const state = { ...blankBulk(runId, opened.requestedAt, opened.actor, approval), ...heads };
  return { does: 'revoke', run: state, list, count, atOnce: deps.bulk.atOnce };
}

function over(what: string): Failure {
  return new Failure('LeaseHeld', `${what} Nothing was changed and nothing needs to be done.`, 'none');
}

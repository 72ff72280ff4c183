import { Failure } from '../../../core/failure';
import { conclude } from '../close/conclude';
import type { Execution } from '../deps';
import { newest, storyOf, type Story } from '../heads';
import { blankBulk, nothingAsked, type BulkOpened, type BulkPorts } from './state';

/**
 * Takes over a bulk run whose execution ended. Its list is gone through once more: revocations that were started are
 * found by their names, those that never were are started.
 * @throws Failure LeaseHeld when there is nothing to take over; InvalidInput when its first record names no list
 */
export async function resume(deps: BulkPorts, execution: Execution, runId: string): Promise<BulkOpened> {
  const marker = await deps.registry.run(runId);
  if (marker?.kind !== 'bulk') throw over(`Bulk run ${runId} is not open.`);
  if (marker.executionArn !== execution.id) await deps.registry.adoptRun(marker, execution.id);
  const { run, heads } = await storyOf(deps.evidence, runId);
  const opened = newest(run, 'RunOpened');
  if (!opened || newest(run, 'RunClosed')) {
    await tidied(deps, runId, { run });
    throw over(`Bulk run ${runId} had nothing left to do and was closed.`);
  }
  if (!opened.selection) throw nothingAsked(runId);
  const { list, count } = opened.selection;
  // Whoever has agreed is not asked again; an answer that was not read yet is.
  const agreed = newest(run, 'ApprovalDecided')?.decision === 'approved';
  const approval = agreed ? 'never' : opened.selection.approval;
  const state = { ...blankBulk(runId, opened.requestedAt, opened.actor, approval), ...heads };
  return { does: 'revoke', run: state, list, count, atOnce: deps.bulk.atOnce };
}

/** A bulk run holds no lease and owes nothing: all that is left of one that never began, or has closed, is its marker. */
async function tidied(deps: BulkPorts, runId: string, { run }: Pick<Story, 'run'>): Promise<void> {
  if (newest(run, 'RunClosed')) await conclude(deps, run);
  else await deps.registry.forgetRun(runId);
}

function over(what: string): Failure {
  return new Failure('LeaseHeld', `${what} Nothing was changed and nothing needs to be done.`, 'none');
}

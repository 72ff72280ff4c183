import { parseAsked } from '../../../core/bulk/list';
import { append } from '../../../core/evidence/append';
import type { RecordOf } from '../../../core/evidence/record';
import type { Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import { iso, type Deps } from '../deps';
import { newest, storyOf } from '../heads';
import { stampOf } from '../stamp';

type Decided = RecordOf<'ApprovalDecided'>;

/**
 * The approval of a bulk run, where it covers a revocation which that run started: the bulk run is open, was approved,
 * and the frozen list that was approved holds the revocation. Undefined where the revocation has to ask for itself, or
 * its policy asks for nobody.
 * @throws Failure EvidenceConflict when the list is not the one that was approved (nothing was changed)
 */
export async function coveringApproval(
  deps: Pick<Deps, 'evidence' | 'lists'>,
  { approval }: Policy,
  runId: string,
  bulk: string | undefined,
): Promise<Decided | undefined> {
  if (bulk === undefined || approval.revocation === 'never') return undefined;
  const { run } = await storyOf(deps.evidence, bulk);
  const selection = newest(run, 'RunOpened')?.selection;
  const decided = newest(run, 'ApprovalDecided');
  if (!selection || decided?.decision !== 'approved' || newest(run, 'RunClosed')) return undefined;
  const asked = parseAsked(await deps.lists.read(selection.list.key), selection.list);
  return asked.some(({ name, start }) => name === runId && start === 'yes') ? decided : undefined;
}

/** Writes into a run by which approval it is covered, so that whoever takes the run over finds it there. */
export async function cover(
  deps: Pick<Deps, 'evidence' | 'now' | 'ledgerId' | 'code'>,
  run: RunState,
  controls: readonly string[],
  { decision, requester, approver, requestSha256, runId }: Decided,
): Promise<RunState> {
  const { head } = await append(deps.evidence, stampOf(deps, run, 'Open', controls), {
    chain: 'RUN',
    head: run,
    item: runId,
    at: iso(deps.now()),
    statement: {
      type: 'ApprovalDecided',
      decision,
      requester,
      approver,
      requestSha256,
      cause: `covered by the approval of bulk run ${runId}, whose frozen list holds this run`,
    },
  });
  return { ...run, seq: head.seq, prev: head.prev };
}

import { approvalOf, planBulk, type BulkPlan } from '../../../core/bulk/plan';
import { freeze, sha256Of, type Asked } from '../../../core/bulk/list';
import { MANY } from '../../../core/bulk/many';
import { parseBulkInput, type BulkRequest } from '../../../core/bulk/request';
import { selected, type Candidate } from '../../../core/bulk/selection';
import { append } from '../../../core/evidence/append';
import { GENESIS } from '../../../core/evidence/chain';
import type { Actor, Selection, Statement } from '../../../core/evidence/record';
import { requestOf } from '../approve/requester';
import { bulkStages } from '../contracts';
import { iso, type Execution } from '../deps';
import { openedNotices } from '../../../core/notice/of-run';
import { summaryOf } from '../../../core/registry/run-summary';
import { notify } from '../notify';
import { mustBeFree, mustBeOwn } from '../open/name';
import { personOf } from '../open/run';
import { stampOf } from '../stamp';
import { knownTo, provenAmong } from './known';
import { factsOfMany } from './many';
import { resume } from './resume';
import { blankBulk, type BulkOpened, type BulkPorts } from './state';

/** A dry run answers in a state, which holds 256 KiB; the numbers beside the lists are always whole. */
const MOST_SHOWN = 200;

/**
 * Opens a bulk revocation: resolves who is meant, freezes them in a list, and records the list's hash before anybody
 * is touched. A dry run opens no run and changes nothing.
 * @throws Failure InvalidInput: a sentence that says what to type instead; EvidenceConflict when the name is another
 * run's. No run was opened
 */
export async function openBulk(deps: BulkPorts, execution: Execution, input: unknown): Promise<BulkOpened> {
  const request = parseBulkInput(input);
  if ('resume' in request) return resume(deps, execution, request.resume);
  const known = await knownTo(deps);
  const candidates = selected(request.select, known);
  const proven = await provenAmong(
    deps,
    candidates.map(({ row }) => row),
  );
  if (request.does === 'dryRun')
    return { does: 'dryRun', run: null, plan: shown(planBulk(candidates, proven, deps.bulk)) };
  const asked = freeze(execution.name, request, candidates, proven);
  const { revision } = await deps.policies.document();
  const startedBy = await requestOf(deps, 'bulk', execution.name, input);
  const actor = startedBy?.actor ?? personOf(request.actor);
  return begun(deps, execution, request, { actor, asked, candidates, revision });
}

interface Frozen {
  readonly actor: Actor;
  readonly asked: readonly Asked[];
  readonly candidates: readonly Candidate[];
  readonly revision: string;
}

async function begun(
  deps: BulkPorts,
  execution: Execution,
  request: BulkRequest,
  { actor, asked, candidates, revision }: Frozen,
): Promise<BulkOpened> {
  const runId = execution.name;
  const opening = { runId, kind: 'bulk', requestedAt: execution.startTime } as const;
  await mustBeFree(deps, opening);
  const text = JSON.stringify(asked);
  const sha256 = sha256Of(text);
  const openedAt = iso(deps.now());
  const marker = { runId, identityId: MANY, kind: 'bulk', executionArn: execution.id, openedAt } as const;
  await deps.registry.openRun({ ...marker, adoptions: 0 });
  // The key holds the hash: an execution that is repeated may find another selection than its first try wrote.
  const { key } = await deps.lists.write(`lists/bulk/${runId}-${sha256.slice(0, 16)}.json`, asked);
  const approval = approvalOf(candidates, deps.bulk);
  const run = blankBulk(runId, execution.startTime, actor, approval);
  const { by, value } = request.select;
  const selection: Selection = { by, value, count: asked.length, list: { key, sha256 }, approval };
  const { head, record } = await append(deps.evidence, stampOf(deps, run, 'OpenBulk', []), {
    chain: 'RUN',
    head: GENESIS,
    item: MANY,
    at: openedAt,
    statement: opened(request, selection, revision, execution),
  });
  mustBeOwn(record, opening);
  if (record.type === 'RunOpened') {
    await deps.registry.putSummary(summaryOf(record, undefined));
    await notify(deps, openedNotices(record));
  }
  // What was recorded first counts, also for an execution that is repeated.
  const frozen = record.type === 'RunOpened' ? (record.selection ?? selection) : selection;
  const atOnce = Math.min(request.atOnce ?? deps.bulk.atOnce, deps.bulk.atOnce);
  const state = { ...run, approval: frozen.approval, seq: head.seq, prev: head.prev };
  return { does: 'revoke', run: state, list: frozen.list, count: frozen.count, atOnce };
}

function opened(
  request: BulkRequest,
  selection: Selection,
  revision: string,
  execution: Execution,
): Statement {
  const { by, value } = selection;
  const owner = by === 'owner' ? value : undefined;
  const kind = by === 'kind' ? value : undefined;
  return {
    type: 'RunOpened',
    kind: 'bulk',
    ...factsOfMany(revision, { owner, kind }),
    trigger: `${by} ${value}`,
    reason: request.reason,
    slot: null,
    attempt: 0,
    requestedAt: execution.startTime,
    dueAt: null,
    deadline: null,
    stages: [...bulkStages],
    concurrentRuns: selection.count,
    about: null,
    selection,
  };
}

function shown(plan: BulkPlan): BulkPlan {
  return {
    ...plan,
    dies: plan.dies.slice(0, MOST_SHOWN),
    leaves: plan.leaves.slice(0, MOST_SHOWN),
    dependents: plan.dependents.slice(0, MOST_SHOWN),
  };
}

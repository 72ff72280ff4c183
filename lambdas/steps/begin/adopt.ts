import type { RecordOf } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { IdentityRow, OpenRun } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import type { Execution } from '../deps';
import { newest, proven, storyOf, type Story } from '../heads';
import { mustKnow } from '../open/run';
import { nameOf } from '../settle/name';
import { blankState, over, SETTLE, type Ports } from './state';

type Direction = 'undo' | 'contain' | 'close';

/**
 * Takes over a run whose execution ended before the run was closed. It goes on as that run, under a higher fence. What the
 * run had begun is read only then: under the old fence a late worker of it may begin something up to that moment.
 */
export async function adopt(deps: Ports, execution: Execution, runId: string): Promise<RunState> {
  const marker = await deps.registry.run(runId);
  if (!marker) throw over(`Run ${runId} is closed already.`);
  const row = await mustKnow(deps, marker.identityId);
  const ours = row.lease?.runId === runId;
  if (ours) assertNobodyActs(deps, runId, row);
  // The marker is the compare-and-set between two executions that want the same dead run.
  if (marker.executionArn !== execution.id) await deps.registry.adoptRun(marker, execution.id);
  const { fence } = ours ? await deps.registry.takeOverLease(row.id, runId, execution.id) : row;
  if (ours) assertNobodyActs(deps, runId, await mustKnow(deps, row.id));
  const story = await storyOf(deps.evidence, runId);
  const goesOn = ours || (await mayStillBegin(deps, story));
  return resumed(row, marker, story, fence, goesOn ? directionOf(story) : 'close');
}

function assertNobodyActs({ now }: Ports, runId: string, { busyUntil, busyStage }: IdentityRow): void {
  if (busyUntil === undefined || Date.parse(busyUntil) <= now()) return;
  const message = `Stage ${busyStage ?? 'unknown'} of run ${runId} may still be acting until ${busyUntil}. Nothing was changed at the target; it is taken over after that.`;
  throw new Failure('StepBusy', message, 'none');
}

/**
 * A revocation takes the identity only as it contains, so one that died before has no lease and goes on all the same;
 * unless somebody would have had to approve it first.
 */
async function mayStillBegin(deps: Ports, story: Story): Promise<boolean> {
  const opened = newest(story.run, 'RunOpened');
  if (opened?.kind !== 'revocation' || newest(story.run, 'ChangeIntended')) return false;
  const decided = newest(story.run, 'ApprovalDecided')?.decision;
  if (decided === 'approved' || decided === 'breakGlass') return true;
  return (await deps.policies.of(opened.identity.id)).policy.approval.revocation === 'never';
}

/**
 * Backwards until the new credential was confirmed; after that forwards, as obligations that runs of their own pay. A
 * revocation goes on: what it was to contain is alive until it is proven dead.
 */
function directionOf(story: Story): Direction {
  const opened = newest(story.run, 'RunOpened');
  if (newest(story.run, 'RunClosed')) return 'close';
  if (opened?.kind === 'revocation') return 'contain';
  if (proven(story, 'ConfirmNew') || proven(story, 'ProveRestored')) return 'close';
  return opened?.kind === 'rotation' && newest(story.run, 'ChangeIntended') ? 'undo' : 'close';
}

function resumed(
  row: IdentityRow,
  marker: OpenRun,
  story: Story,
  fence: number,
  direction: Direction,
): RunState {
  const opened = newest(story.run, 'RunOpened');
  return {
    ...blankState(row, marker.runId, opened?.requestedAt ?? marker.openedAt, fence),
    ...story.heads,
    actor: opened?.actor ?? SETTLE,
    kind: kindOf(opened),
    // A revocation owes in its own name, also one that a bulk run started.
    about: opened?.kind === 'revocation' ? null : (opened?.about ?? null),
    direction,
    reissue: wantsReissue(opened) ? nameOf('reissue', marker.runId) : null,
    round: containedBefore(story) ? 2 : 1,
  };
}

function kindOf(opened: RecordOf<'RunOpened'> | undefined): RunState['kind'] {
  return opened?.kind === 'settle' || opened?.kind === 'revocation' ? opened.kind : 'rotation';
}

/** Whether a revocation was asked to let a new credential follow. */
export function wantsReissue(opened: RecordOf<'RunOpened'> | undefined): boolean {
  return opened?.stages.includes('Reissue') ?? false;
}

/** What the dead execution contained may have been undone since, so it is contained anew. */
function containedBefore({ run }: Story): boolean {
  return run.some((record) => record.type === 'ChangeIntended' && record.stage === 'Contain');
}

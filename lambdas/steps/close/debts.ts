import type { EvidenceRecord, RecordOf } from '../../../core/evidence/record';
import type { IdentityRow, Obligation, Obligations } from '../../../core/ports/registry';
import { containmentsOf, UNLISTED } from '../../../core/run/revoking';
import { iso, type Deps, type Using } from '../deps';
import { newest, proven, type Story } from '../heads';
import { datedBy } from '../prove/refused-since';
import { nextAttempt } from './backoff';

type Ports = Pick<Deps, 'now'> & Using<Obligations>;

/** A run that is being closed, and what it closes with. */
interface Closing {
  readonly opened: RecordOf<'RunOpened'>;
  readonly story: Story;
  readonly row: IdentityRow;
  /** The failure's code. */
  readonly code: string;
}

/**
 * Pays what was proven, withdraws what is in force again, postpones the rest with a growing wait, and returns what stays
 * owed. A run answers for the obligations it opened; one that settles, for the one it was started for.
 */
export async function settleDebts(deps: Ports, closing: Closing): Promise<string[]> {
  const { opened, story, row, code } = closing;
  const left: string[] = [];
  for (const obligation of await deps.registry.obligationsOf(opened.identity.id)) {
    if (!answersFor(opened, story, obligation)) continue;
    const listed = code === 'NothingToRevoke' && obligation.versionId === UNLISTED;
    if (listed || (code === 'ObligationWithdrawn' && obligation.by === 'rotation')) {
      await deps.registry.payObligation(obligation);
    } else if (obligation.type === 'refusal' && isRefused(story, obligation.versionId)) {
      if (notRemoved(story, row, obligation))
        left.push(await oweRemoval(deps, owedBy(opened, obligation), obligation));
      await deps.registry.payObligation(obligation);
    } else {
      const dated = datedBy(obligation, opened.runId, story.proof);
      await deps.registry.postponeObligation(dated, nextAttempt(obligation, deps.now()));
      left.push(`${obligation.type} ${obligation.versionId}`);
    }
  }
  return left;
}

/** The newest judgement of that very version says so. */
function isRefused({ proof }: Story, versionId: string): boolean {
  const judged = proof.findLast(
    (record) => record.type === 'Judged' && record.claim !== 'accepted' && record.versionId === versionId,
  );
  return judged?.type === 'Judged' && judged.finding === 'proven';
}

/** Whether a run has to pay an obligation or say that it stays owed. */
export function answersFor(
  opened: RecordOf<'RunOpened'>,
  story: Pick<Story, 'run' | 'proof'>,
  owed: Obligation,
): boolean {
  // A person pays it, whatever the run has proven.
  if (owed.type === 'review') return false;
  if (opened.kind === 'settle') {
    const alone = owed.type === 'removal' && opened.trigger === obligationTrigger(owed);
    return alone || opened.trigger === triggerOf(owed);
  }
  if (owed.runId === opened.runId) return true;
  // A second revocation contains what an earlier one still owes.
  const contained = containmentsOf(story).map(({ versionId }) => versionId);
  if (opened.kind === 'revocation') contained.push(UNLISTED);
  return owed.by === 'revocation' && contained.includes(owed.versionId);
}

/** What a revocation demands stays its own, whichever run found out that it is still owed. */
function owedBy({ runId }: RecordOf<'RunOpened'>, refusal: Obligation): string {
  return refusal.by === 'revocation' ? refusal.runId : runId;
}

/** What RunOpened of a settling run gives as its trigger: one obligation, or all that a revocation left. */
export function triggerOf({
  by,
  type,
  versionId,
  runId,
}: Pick<Obligation, 'by' | 'type' | 'versionId' | 'runId'>): string {
  switch (by) {
    case 'rotation':
      return obligationTrigger({ type, versionId });
    case 'revocation':
      return `revocation ${runId}`;
    default:
      return by satisfies never;
  }
}

/** As `triggerOf`, of a run that pays one obligation alone, whoever demands it. */
export function obligationTrigger({ type, versionId }: Pick<Obligation, 'type' | 'versionId'>): string {
  return `obligation ${type} ${versionId}`;
}

/** Proven refused, but the run ended before Remove: what is left of the credential at the target is still there. */
function notRemoved(story: Story, row: IdentityRow, { remoteId, by, versionId }: Obligation): boolean {
  if (by === 'revocation') return !story.run.some((record) => isRemovalOf(record, versionId));
  const inForce = row.versions.find((version) => version.stage === 'AWSCURRENT')?.remoteId;
  return proven(story, 'ProveOld') && !newest(story.run, 'ChangeMade', 'Remove') && inForce !== remoteId;
}

function isRemovalOf(record: EvidenceRecord, versionId: string): boolean {
  return record.type === 'ChangeMade' && record.stage === 'Remove' && record.versionId === versionId;
}

async function oweRemoval(deps: Ports, runId: string, refusal: Obligation): Promise<string> {
  const openedAt = iso(deps.now());
  const why = 'proven refused by a run that ended before it removed what is left';
  const removal = {
    ...refusal,
    type: 'removal',
    runId,
    openedAt,
    why,
    attempts: 0,
    deadline: undefined,
  } as const;
  await deps.registry.openObligation({ ...removal, nextAttemptAt: nextAttempt(removal, deps.now()) });
  return `removal ${refusal.versionId}`;
}

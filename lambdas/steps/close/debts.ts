import type { RecordOf } from '../../../core/evidence/record';
import type { IdentityRow, Obligation } from '../../../core/ports/registry';
import { refusalProof } from '../../../core/run/closing';
import { iso, type Deps } from '../deps';
import { newest, proven, type Story } from '../heads';
import { nextAttempt } from './backoff';

type Ports = Pick<Deps, 'registry' | 'now'>;

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
  const proof = refusalProof(story);
  const left: string[] = [];
  for (const obligation of await deps.registry.obligationsOf(opened.identity.id)) {
    if (!answersFor(opened, obligation)) continue;
    const refused = proof?.finding === 'proven' && proof.versionId === obligation.versionId;
    if (code === 'ObligationWithdrawn') {
      await deps.registry.payObligation(obligation);
    } else if (obligation.type === 'refusal' && refused) {
      if (notRemoved(story, row, obligation)) left.push(await oweRemoval(deps, opened.runId, obligation));
      await deps.registry.payObligation(obligation);
    } else {
      await deps.registry.postponeObligation(obligation, nextAttempt(obligation, deps.now()));
      left.push(`${obligation.type} ${obligation.versionId}`);
    }
  }
  return left;
}

function answersFor(opened: RecordOf<'RunOpened'>, { runId, type, versionId }: Obligation): boolean {
  // A person pays it, whatever the run has proven.
  if (type === 'review') return false;
  if (opened.kind !== 'settle') return runId === opened.runId;
  return opened.trigger === triggerOf({ type, versionId });
}

/** What RunOpened of a settling run gives as its trigger. */
export function triggerOf({ type, versionId }: Pick<Obligation, 'type' | 'versionId'>): string {
  return `obligation ${type} ${versionId}`;
}

/** Proven refused, but the run ended before Remove: what is left of the credential at the target is still there. */
function notRemoved(story: Story, row: IdentityRow, { remoteId }: Obligation): boolean {
  const inForce = row.versions.find((version) => version.stage === 'AWSCURRENT')?.remoteId;
  return proven(story, 'ProveOld') && !newest(story.run, 'ChangeMade', 'Remove') && inForce !== remoteId;
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

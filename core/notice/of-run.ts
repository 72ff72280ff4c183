import type { EvidenceRecord, RecordOf } from '../evidence/record';
import { unstartedReissue } from '../run/revoking';
import { noticeOf, type Notice, type Told } from './notice';

type Opened = RecordOf<'RunOpened'>;
type Closed = RecordOf<'RunClosed'>;

type Subject = Pick<Told, 'runId' | 'ledgerId' | 'kind' | 'identityId' | 'owner' | 'deadline'>;
const quiet = { outcome: null, level: null, cause: null } as const;

/** What is told when a run was opened: emergencies alone, and each bulk revocation once for all it starts. */
export function openedNotices(opened: Opened): readonly Notice[] {
  const about = subjectOf(opened);
  const at = opened.at;
  const reason = opened.reason ?? 'no reason given';
  if (opened.kind === 'bulk') {
    const count = opened.selection?.count ?? 0;
    const title = `Bulk revocation of ${count} identities begun`;
    const says = `Everybody with ${opened.trigger}: ${reason}`;
    const nextSteps = [`gapless runs, and gapless evidence show ${opened.runId}`];
    return [noticeOf({ ...about, ...quiet, state: 'bulk.opened', at, call: { title, says, nextSteps } })];
  }
  if (opened.kind !== 'revocation') return [];
  const state = 'revocation.opened';
  if (opened.trigger === 'bulk') return [noticeOf({ ...about, ...quiet, state, at })];
  const title = `Emergency: ${about.identityId} is being revoked`;
  const says = `${reason}. To be proven by ${opened.deadline ?? 'no deadline'}.`;
  const nextSteps = [`gapless evidence show ${opened.runId}`];
  return [noticeOf({ ...about, ...quiet, state, at, call: { title, says, nextSteps } })];
}

/**
 * What is told when a run was closed, from its own records.
 * @param waiting how many of them are not in the evidence table yet
 */
export function closedNotices(run: readonly EvidenceRecord[], waiting = 0): readonly Notice[] {
  const opened = run.find((record): record is Opened => record.type === 'RunOpened');
  const closed = run.find((record): record is Closed => record.type === 'RunClosed');
  if (!opened || !closed) return [];
  const about = { ...subjectOf(opened), ...resultOf(closed) };
  if (opened.kind === 'bulk') return [bulkClosed(about, closed)];
  if (opened.kind === 'breach') return [broken(about, opened, closed)];
  const { containedAt, firstStableRefusalAt } = closed;
  const last = noticeOf({ ...about, state: 'run.closed', at: closed.at });
  const late = waiting > 0 ? [degradedOf(about, closed, waiting)] : [];
  const owed = [
    ...late,
    ...(closed.outcome === 'revoke-pending' ? [pending(about, opened, closed)] : []),
    ...unstarted(about, run, opened, closed),
  ];
  if (opened.kind !== 'revocation') return [...owed, last];
  const contained =
    containedAt === null ? [] : [noticeOf({ ...about, state: 'revocation.contained', at: containedAt })];
  const refused =
    firstStableRefusalAt === null
      ? []
      : [noticeOf({ ...about, state: 'revocation.refused', at: firstStableRefusalAt })];
  return [...contained, ...refused, ...owed, last];
}

type Result = Subject & Pick<Told, 'outcome' | 'level' | 'cause'>;

function pending(about: Result, opened: Opened, closed: Closed): Notice {
  const title = `${about.identityId}: a credential is not proven refused yet`;
  const says = about.cause ?? 'It stays owed.';
  const nextSteps = [`gapless obligations, and gapless evidence show ${opened.runId}`];
  // One of a bulk revocation is counted by that run, which calls once for all.
  const call = opened.trigger === 'bulk' ? {} : { call: { title, says, nextSteps } };
  return noticeOf({ ...about, state: 'run.pending', at: closed.at, ...call });
}

/** The credential is as dead as was proven; the new one that was asked for waits for a person. */
function unstarted(
  about: Result,
  run: readonly EvidenceRecord[],
  opened: Opened,
  { at }: Closed,
): readonly Notice[] {
  const says = unstartedReissue(run);
  if (says === undefined) return [];
  const { identityId } = about;
  const revocation = opened.kind === 'revocation' ? opened.runId : (opened.about ?? opened.runId);
  const title = `${identityId}: the reissue was not started`;
  const nextSteps = [`gapless rotate ${identityId} --reissue ${revocation} --reason "<why>"`];
  return [noticeOf({ ...about, state: 'reissue.unstarted', at, call: { title, says, nextSteps } })];
}

function degradedOf(about: Result, { at, runId }: Closed, waiting: number): Notice {
  const title = `EVIDENCE_DEGRADED: records of the revocation of ${about.identityId} are not in the ledger yet`;
  const says = `The evidence table took no records, so ${waiting} of them wait in the spill. The run ended ${about.outcome ?? 'unknown'}; it counts as evidence once they have arrived.`;
  const nextSteps = [
    `docs/runbooks/evidence-degraded.md; gapless runs --identity ${about.identityId}, run ${runId}`,
  ];
  return noticeOf({ ...about, state: 'evidence.degraded', at, call: { title, says, nextSteps } });
}

function broken(about: Result, { deadline }: Opened, { at, runId }: Closed): Notice {
  const title = `${about.identityId}: the deadline of a revocation has passed`;
  const says = about.cause ?? 'It is not proven refused.';
  const nextSteps = [`docs/runbooks/obligation-overdue.md; gapless evidence show ${runId}`];
  return noticeOf({
    ...about,
    state: 'deadline.broken',
    at: deadline ?? at,
    call: { title, says, nextSteps },
  });
}

function bulkClosed(about: Result, { census, at, runId }: Closed): Notice {
  const state = 'bulk.closed';
  if (about.outcome === 'verified') return noticeOf({ ...about, state, at });
  const left = census ? census.failed + census.unknown : 'All';
  const title = `Bulk revocation: ${left} of ${census?.asked ?? 'those asked'} are not proven refused`;
  const says = about.cause ?? 'It was closed before anybody was counted.';
  const nextSteps = [`gapless obligations, and gapless evidence show ${runId}`];
  return noticeOf({ ...about, state, at, call: { title, says, nextSteps } });
}

function subjectOf({ runId, ledgerId, kind, identity, deadline }: Opened): Subject {
  return { runId, ledgerId, kind, identityId: identity.id, owner: identity.owner, deadline };
}

function resultOf({ outcome, level, cause }: Closed): Pick<Told, 'outcome' | 'level' | 'cause'> {
  return { outcome, level, cause };
}

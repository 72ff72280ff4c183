import type { Census, EvidenceRecord } from '../../../core/evidence/record';
import { shortSeconds } from './durations';
import type { Terminal } from './terminal';

/** One record on one line: time, place in its chain, stage, what it says. */
export function recordLine({ colours }: Pick<Terminal, 'colours'>, record: EvidenceRecord): string {
  const place = `${record.chain}#${record.seq}`.padEnd(8);
  return `${colours.dim(record.at.slice(11, 23))}  ${place} ${record.stage.padEnd(14)} ${record.type.padEnd(15)} ${statement(record)}`.trimEnd();
}

function statement(record: EvidenceRecord): string {
  switch (record.type) {
    case 'RunOpened':
      return facts([
        `${record.kind} of ${record.identity.id} (${record.identity.strategy})`,
        record.trigger,
        record.reason,
        record.selection ? `asked ${record.selection.count}` : null,
        `policy ${record.policy.sha256.slice(0, 12)}`,
      ]);
    case 'ChangeIntended':
      return facts([record.change, version('of', record.versionId)]);
    case 'ChangeMade':
      return facts([
        record.effect,
        record.remoteId,
        sessionText(record),
        ...record.consumers.map(consumerText),
        record.detail,
      ]);
    case 'Judged':
      return facts([
        `${record.claim}: ${record.finding}`,
        record.cause,
        ...record.observed.map(observedText),
        sessionText(record),
        ...record.consumers.map(consumerText),
      ]);
    case 'ApprovalDecided':
      return facts([record.decision, record.approver && `by ${record.approver.id}`, record.cause]);
    case 'RequesterConfirmed':
      return facts([
        `started by ${record.requester.id}`,
        record.principalArn,
        `confirmed by API log ${record.eventId}`,
        `claimed ${record.claimed.id}`,
      ]);
    case 'Breached':
      return facts([record.obligation, `deadline ${record.deadline}`]);
    case 'RunClosed':
      return facts([
        `${record.outcome} at ${record.level}`,
        record.causeCode,
        record.cause,
        record.census ? censusText(record.census) : null,
        `exposure ${shortSeconds(record.exposureSeconds)}`,
        ...record.owes.map((owed) => `owes ${owed}`),
      ]);
    default:
      return record satisfies never;
  }
}

function censusText({ asked, done, failed, skipped, unknown }: Census): string {
  return `asked ${asked}: done ${done}, failed ${failed}, skipped ${skipped}, unknown ${unknown}`;
}

type Seen = Extract<EvidenceRecord, { type: 'Judged' }>;

function facts(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join('; ');
}

function version(word: string, versionId: string | null): string | null {
  return versionId === null ? null : `${word} version ${versionId}`;
}

function sessionText({ sessions }: Pick<Seen, 'sessions'>): string | null {
  return sessions?.method === 'counted'
    ? `sessions ${sessions.before ?? '?'} → ${sessions.after ?? '?'}`
    : null;
}

function consumerText({ consumer, state }: Seen['consumers'][number]): string {
  return `${consumer} ${state}`;
}

function observedText({ path, operation, rawCode, verdict, attempts }: Seen['observed'][number]): string {
  return `${operation} on ${path}: ${verdict.state} (${rawCode}) ×${attempts}`;
}

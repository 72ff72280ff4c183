import type { EvidenceRecord, RecordOf } from '../evidence/record';

/** What a record says, in one sentence for a person who reads a table or a report. */
export function said(record: EvidenceRecord): string {
  switch (record.type) {
    case 'RunOpened':
      return `${record.kind} of ${record.identity.id} opened: ${record.trigger}`;
    case 'ChangeIntended':
      return `${record.change} is about to be done`;
    case 'ChangeMade':
      return `effect ${record.effect}${record.detail === null ? '' : `: ${record.detail}`}`;
    case 'Judged':
      return judgedText(record);
    case 'ApprovalDecided':
      return `${record.decision}, asked for by ${record.requester.id}`;
    case 'RequesterConfirmed':
      return `started by ${record.requester.id}: confirmed by API log ${record.eventId}`;
    case 'Breached':
      return `${record.obligation} was due at ${record.deadline} and is not proven`;
    case 'RunClosed':
      return `ended ${record.outcome} at ${record.level}${record.cause === null ? '' : `: ${record.cause}`}`;
    default:
      return record satisfies never;
  }
}

function judgedText({ versionId, claim, finding, cause, observed }: RecordOf<'Judged'>): string {
  const paths = [...new Set(observed.map(({ path }) => path))];
  const where = paths.length === 0 ? '' : ` on ${paths.join(', ')}`;
  const why = cause === null ? '' : `: ${cause}`;
  return `version ${versionId ?? '-'} is ${claim}${where}: ${finding}${why}`;
}

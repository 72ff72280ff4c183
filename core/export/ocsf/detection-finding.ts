import type { RecordOf } from '../../evidence/record';
import { oneLine } from '../one-line';
import { said } from '../said';
import { actionOf } from './compliance-finding';
import type { Source } from './event-base';
import { findingOf } from './finding-base';
import type { OcsfEvent } from './schema';

type DetectionEvent = Extract<OcsfEvent, { class_uid: 2004 }>;

/** A proof that failed, as OCSF 2004 Detection Finding; undefined for one that holds. */
export function detectionOf(source: Source<RecordOf<'Judged'>>): DetectionEvent | undefined {
  const { record } = source;
  if (record.finding === 'proven') return undefined;
  return {
    ...findingOf(source, 2004, {
      action: actionOf(record),
      versionId: record.versionId,
      desc: oneLine(said(record)),
      news: 'bad',
    }),
    class_uid: 2004,
    severity_id: record.finding === 'disproven' ? 4 : 3,
    is_alert: true,
  };
}

/** A broken deadline, as OCSF 2004 Detection Finding. */
export function breachDetection(source: Source<RecordOf<'Breached'>>): DetectionEvent {
  const { record } = source;
  // An obligation is its type and its version, one blank apart.
  const versionId = record.obligation.split(' ').at(1) ?? null;
  return {
    ...findingOf(source, 2004, { action: 'oldRefused', versionId, desc: oneLine(said(record)), news: 'bad' }),
    class_uid: 2004,
    severity_id: 5,
    is_alert: true,
  };
}

/** Chains that do not verify, as OCSF 2004 Detection Finding at the last record that could be read. */
export function brokenDetection(source: Source, broken: string): DetectionEvent {
  const finding = findingOf(source, 2004, {
    action: 'evidenceRecord',
    versionId: null,
    desc: oneLine(`The run's chains do not verify. ${broken}`),
    news: 'bad',
  });
  const { metadata } = finding;
  return {
    ...finding,
    // Beside whatever event that record became.
    metadata: { ...metadata, uid: `${metadata.uid}:chains` },
    class_uid: 2004,
    severity_id: 5,
    is_alert: true,
  };
}

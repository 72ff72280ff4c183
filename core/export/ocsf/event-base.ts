import type { EvidenceRecord } from '../../evidence/record';
import { evidenceKey, type ExportedRun } from '../exported-run';
import { said } from '../said';
import { oneLine } from '../one-line';
import { OCSF_VERSION, type OcsfEvent, type OcsfUser } from './schema';

/** A record on its way to becoming an event, with its run and the hash it is stored under. */
export interface Source<R extends EvidenceRecord = EvidenceRecord> {
  readonly run: ExportedRun;
  readonly record: R;
  readonly hash: string;
  /** Version of Gapless that writes the event. */
  readonly product: string;
}

type Class = OcsfEvent['class_uid'];

const classes = {
  2003: { class_name: 'Compliance Finding', category_name: 'Findings' },
  2004: { class_name: 'Detection Finding', category_name: 'Findings' },
  3004: { class_name: 'Entity Management', category_name: 'Identity & Access Management' },
} as const;

/** The attributes that events of every class have. */
export function baseOf(
  source: Source,
  classUid: Class,
  activity: { readonly id: number; readonly name: string },
) {
  const { record } = source;
  return {
    ...classes[classUid],
    activity_name: activity.name,
    type_uid: classUid * 100 + activity.id,
    time: Date.parse(record.at),
    message: oneLine(`${record.stage}: ${said(record)}`),
    metadata: metadataOf(source, classUid),
    unmapped: { record_integrity: integrityOf(source) },
  };
}

function metadataOf({ record, product }: Source, classUid: Class) {
  return {
    version: OCSF_VERSION,
    product: { name: 'Gapless', vendor_name: 'Gapless', version: product },
    // One record may become events of two classes.
    uid: `${evidenceKey(record)}:${classUid}`,
    correlation_uid: record.runId,
    sequence: record.seq,
    original_time: record.at,
    log_name: record.chain,
  } as const;
}

function integrityOf({ record, hash }: Source) {
  const key = evidenceKey(record);
  return {
    chain_uid: key.slice(0, key.lastIndexOf(':')),
    ...(record.seq > 0 && {
      prev_event: { uid: evidenceKey({ ...record, seq: record.seq - 1 }), fingerprint: sha256(record.prev) },
    }),
    fingerprint: sha256(hash),
  };
}

function sha256(value: string) {
  return { algorithm: 'SHA-256', algorithm_id: 3, value } as const;
}

/** The machine identity a run is about; its run's id where the opening record is missing. */
export function identityOf({ run }: Source): { id: string; kind: string; owner: string } {
  const { id, kind, owner } = run.opened?.identity ?? { id: run.runId, kind: 'unknown', owner: 'unknown' };
  return { id, kind, owner: owner || 'unknown' };
}

/** Who caused the record, as an OCSF user. */
export function actorOf({ record }: Source): OcsfUser {
  const { type, id, assurance } = record.actor;
  const person = type === 'person' || type === 'breakGlass';
  return { name: id || type, uid: id || type, type: `${type} (${assurance})`, type_id: person ? 1 : 3 };
}

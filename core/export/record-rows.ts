import type { EvidenceRecord } from '../evidence/record';
import { csv, type Column } from './csv';
import { evidenceKey, type ExportedRecord, type ExportedRun } from './exported-run';
import { said } from './said';

interface Row extends ExportedRecord {
  readonly run: ExportedRun;
}

/** A column of what the record itself holds; empty where its bytes cannot be read. */
function of(name: string, value: (record: EvidenceRecord) => string | number | null): Column<Row> {
  return [name, ({ record }) => (record ? value(record) : null)];
}

const columns: readonly Column<Row>[] = [
  of('evidence_key', evidenceKey),
  of('ledger_id', ({ ledgerId }) => ledgerId),
  ['run_id', ({ stored }) => stored.runId],
  ['chain', ({ stored }) => stored.chain],
  ['seq', ({ stored }) => stored.seq],
  of('at', ({ at }) => at),
  of('stage', ({ stage }) => stage),
  ['type', ({ record }) => record?.type ?? 'unreadable'],
  ['identity', ({ run }) => run.opened?.identity.id ?? null],
  of('actor_type', ({ actor }) => actor.type),
  of('actor_id', ({ actor }) => actor.id),
  of('actor_assurance', ({ actor }) => actor.assurance),
  of('version_id', (record) => ('versionId' in record ? record.versionId : null)),
  of('superseded_id', (record) => ('supersededId' in record ? record.supersededId : null)),
  of('remote_id', (record) => ('remoteId' in record ? record.remoteId : null)),
  of('effect', (record) => ('effect' in record ? record.effect : null)),
  of('claim', (record) => ('claim' in record ? record.claim : null)),
  of('finding', (record) => ('finding' in record ? record.finding : null)),
  of('outcome', (record) => ('outcome' in record ? record.outcome : null)),
  of('says', said),
  of('fence', ({ fence }) => fence),
  of('token', ({ token }) => token),
  of('function_name', ({ code }) => code.functionName),
  of('function_version', ({ code }) => code.version),
  of('bundle', ({ code }) => code.bundle),
  of('prev', ({ prev }) => prev),
  ['hash', ({ stored }) => stored.hash],
];

/** One row per record, both chains of each run. */
export function recordsCsv(runs: readonly ExportedRun[]): string {
  const rows = runs.flatMap((run) => run.records.map((each) => ({ ...each, run })));
  return csv(columns, rows);
}

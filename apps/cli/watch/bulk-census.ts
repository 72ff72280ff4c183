import { parseRecord, type Census, type Outcome, type RecordOf } from '../../../core/evidence/record';
import type { RunSummary } from '../../../core/ports/registry';
import type { Stores } from '../stores';

/** What became of everybody a bulk run was for. */
export interface BulkCensus {
  readonly runId: string;
  readonly outcome: Outcome | 'open';
  readonly causeCode: string | null;
  /** Null until everybody is counted. */
  readonly census: Census | null;
  /** The revocations it started, by identity. */
  readonly runs: readonly Pick<RunSummary, 'identityId' | 'runId' | 'outcome' | 'level' | 'cause'>[];
}

/** Runs of other kinds, and of others, that may have been opened since. */
const BESIDE = 1_000;

/** Reads a bulk run's last record and the runs it started. */
export async function censusOf(
  { evidence, registry }: Pick<Stores, 'evidence' | 'registry'>,
  runId: string,
): Promise<BulkCensus> {
  const records = (await evidence.read('RUN', runId)).map(({ body }) => parseRecord(body));
  const opened = records.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened');
  const closed = records.find((record): record is RecordOf<'RunClosed'> => record.type === 'RunClosed');
  const limit = 2 * (opened?.selection?.count ?? 0) + BESIDE;
  const since = opened?.at;
  const found = await registry.runs({ limit, ...(since !== undefined && { since }) });
  return {
    runId,
    outcome: closed?.outcome ?? 'open',
    causeCode: closed?.causeCode ?? null,
    census: closed?.census ?? null,
    runs: found
      .filter(({ about, kind }) => about === runId && kind === 'revocation')
      .map(({ identityId, runId: id, outcome, level, cause }) => ({
        identityId,
        runId: id,
        outcome,
        level,
        cause,
      }))
      .toSorted((a, b) => (a.identityId < b.identityId ? -1 : 1)),
  };
}

import { S3Client } from '@aws-sdk/client-s3';
import { S3SealedStore } from '../../../adapters/aws/sealed-store';
import { spillIn } from '../../../core/evidence/spill';
import { isStoreDown, SpillingEvidence } from '../../../core/evidence/spilling';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import type { Spill } from '../../../core/ports/spill';
import type { Connection } from '../connection';
import { configOf } from '../client-config';
import type { Terminal } from '../output/terminal';

/** Runs of which records wait in the spill, and how many; `unknown` where the bucket is not named or cannot be read. */
export type Waiting = readonly { readonly runId: string; readonly count: number }[] | 'unknown';

/** What emergencies kept while the evidence table took no record. */
export interface LateRecords {
  /** @param runId of one run; of all when undefined */
  waiting(runId?: string): Promise<Waiting>;
  /** The records of a run, those that wait behind those of the table. */
  over(table: EvidenceStore): EvidenceStore;
  close(): void;
}

/** Opens the spill of a deployment. Makes no call yet. */
export function openLateRecords({ client, ledger }: Pick<Connection, 'client' | 'ledger'>): LateRecords {
  const { bucket } = ledger;
  if (bucket === undefined)
    return { waiting: async () => 'unknown', over: (table) => table, close: () => undefined };
  const s3 = new S3Client(configOf(client));
  const spill = spillIn(new S3SealedStore(s3, bucket));
  return {
    waiting: (runId) => waitingIn(spill, runId),
    over: (table) => readingThrough(table, spill),
    close: () => s3.destroy(),
  };
}

async function waitingIn(spill: Spill, runId: string | undefined): Promise<Waiting> {
  try {
    if (runId === undefined) return await spill.waiting();
    const count = (await spill.of(runId)).filter(({ state }) => state === 'waiting').length;
    return count === 0 ? [] : [{ runId, count }];
  } catch (error) {
    if (!isStoreDown(error)) throw error;
    return 'unknown';
  }
}

/** A command may look many times, so nothing is remembered from one look to the next. */
function readingThrough(table: EvidenceStore, spill: Spill): EvidenceStore {
  const now = (): EvidenceStore => new SpillingEvidence(table, spill);
  return {
    put: (record) => table.put(record),
    get: (...place) => now().get(...place),
    last: (...chain) => now().last(...chain),
    read: (...chain) => now().read(...chain),
  };
}

/** How many records wait, over all runs. */
export function countOf(waiting: Waiting): number {
  return waiting === 'unknown' ? 0 : waiting.reduce((sum, { count }) => sum + count, 0);
}

/** What waits, a run a line; none when nothing does. */
export function waitingLines(
  waiting: readonly { readonly runId: string; readonly count: number | 'unknown' }[] | 'unknown',
): readonly string[] {
  return waiting === 'unknown' ? [] : waiting.map(waitingLine);
}

function waitingLine({
  runId,
  count,
}: {
  readonly runId: string;
  readonly count: number | 'unknown';
}): string {
  const found = `EVIDENCE_DEGRADED ${runId}`;
  if (count === 'unknown')
    return `${found}: its row says that records of it wait in the spill, and the spill could not be read, so what the evidence table has of it was not judged. Ask again with rights to list the versions under spill/ and read them`;
  return `${found}: ${count} records wait in the spill and are not in the evidence table yet; Settle delivers them once it takes records again`;
}

/** Says what waits. */
export function printWaiting(terminal: Terminal, waiting: Waiting): void {
  for (const line of waitingLines(waiting)) terminal.line(terminal.colours.yellow(line));
}

import { confirmedFor } from '../../../core/approval/confirmed';
import type { Sealable } from '../../../core/evidence/chain';
import { parseRecord, type EvidenceRecord, type RecordOf } from '../../../core/evidence/record';
import { verifyRun, type RunCheck } from '../../../core/evidence/verify';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { countOf, printWaiting, type Waiting } from '../ledger/late-records';
import { recordLine } from '../output/record-lines';
import { Terminal, type Speech } from '../output/terminal';
import { openStores } from '../stores';

export interface EvidenceOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly runId: string;
}

interface Chains {
  /** Whom the account's API log names as who started the run. */
  readonly confirmed: readonly RecordOf<'RequesterConfirmed'>[];
  /** How many of them wait in the spill; `unknown` where that could not be read. */
  readonly waiting: number | 'unknown';
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
}

/** Shows every record of a run, both chains, in the order they were written. Reads only. */
export async function show(options: EvidenceOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const chains = await read(options);
  const all = [...chains.run, ...chains.proof].map((stored) => ({
    stored,
    record: parseRecord(stored.body),
  }));
  // Times are for people, and this is for people; within a chain the order is that of seq.
  const records = all.toSorted((a, b) =>
    a.record.at === b.record.at ? 0 : a.record.at < b.record.at ? -1 : 1,
  );
  terminal.document({
    runId: options.runId,
    waiting: chains.waiting,
    confirmed: chains.confirmed.map(({ requester, eventId, runId }) => ({
      requester: requester.id,
      eventId,
      runId,
    })),
    records: records.map(({ stored, record }) => ({ hash: stored.hash, ...record })),
  });
  for (const { record } of records) terminal.line(recordLine(terminal, record));
  const closed = records.find(({ record }) => record.type === 'RunClosed');
  for (const each of chains.confirmed) terminal.line(confirmedText(each));
  printWaiting(terminal, lateOf(options, chains));
  terminal.message(
    `${records.length} records${closed ? '' : '; the run is still open'}. Next: npx gapless evidence verify ${options.runId}`,
  );
  return exitCodes.ok;
}

/** Re-hashes every record of a run and follows every link. Reads only. */
export async function verify(options: EvidenceOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const chains = await read(options);
  const { run, proof, waiting } = chains;
  const check = verifyRun(options.runId, run, proof);
  terminal.document({ runId: options.runId, ...answer(check, waiting), waiting });
  if (check.state === 'broken') {
    const { chain, seq, expected, found } = check.first;
    terminal.line(
      terminal.colours.red(
        `broken at ${chain}#${options.runId} seq ${seq}: expected ${expected}, found ${found}`,
      ),
    );
    terminal.message(
      'The records of this run cannot be relied on from there on. Nothing was changed. Keep the table as it is, and compare it with a backup or an export.',
    );
    return exitCodes.evidenceBroken;
  }
  // A run is delivered with its terminal record last, so behind a closed one nothing can wait.
  if (waiting === 'unknown' && check.closed !== 'yes') {
    terminal.error(
      'Every hash and link holds so far. The run is open in the table, and whether records of it wait in the spill could not be read, so nothing is verified. Nothing was changed. Name the bucket (GAPLESS_SEALED_BUCKET) or verify again with rights to read it.',
    );
    return exitCodes.gapFound;
  }
  if (waiting !== 'unknown' && waiting > 0) {
    printWaiting(terminal, lateOf(options, chains));
    terminal.message(
      'Every hash and link holds, and the evidence of this run is not complete: nothing is verified before those records have arrived. Verify it again then.',
    );
    return exitCodes.gapFound;
  }
  terminal.line(
    terminal.colours.green(
      `verified: ${check.run.length} records in RUN, ${check.proof.length} in PROOF; every hash and link holds`,
    ),
  );
  terminal.message(
    check.closed === 'yes'
      ? outcomeText(check.run)
      : 'The run is still open: more records will follow. Verify it again once it has closed.',
  );
  return exitCodes.ok;
}

function confirmedText({ requester, eventId, runId }: RecordOf<'RequesterConfirmed'>): string {
  return `requester confirmed by API log ${eventId}: ${requester.id}; on record in run ${runId}`;
}

/** What waits, as commands tell it. */
function lateOf({ runId }: EvidenceOptions, { waiting }: Chains): Waiting {
  if (waiting === 'unknown') return waiting;
  return waiting === 0 ? [] : [{ runId, count: waiting }];
}

function answer(check: RunCheck, waiting: Chains['waiting']): object {
  if (check.state === 'broken') return { verified: false, first: check.first };
  const closed = check.run.find((record) => record.type === 'RunClosed');
  return {
    verified: waiting === 0 || (waiting === 'unknown' && check.closed === 'yes'),
    closed: check.closed === 'yes',
    records: { run: check.run.length, proof: check.proof.length },
    ...(closed && { outcome: closed.outcome, level: closed.level }),
    ...(closed?.degraded && { degraded: closed.degraded }),
  };
}

function outcomeText(records: readonly EvidenceRecord[]): string {
  const closed = records.find((record) => record.type === 'RunClosed');
  const degraded = closed?.degraded;
  const late = degraded
    ? ` ${degraded.code}: ${degraded.spilled} of its records arrived later than they were made.`
    : '';
  return closed
    ? `The run ended ${closed.outcome} at ${closed.level}.${late} Next: npx gapless evidence show ${closed.runId}`
    : '';
}

/** @throws Exit usage when the run has no record */
async function read({ folder, runId }: EvidenceOptions): Promise<Chains> {
  const stores = openStores(connect(folder, process.env));
  try {
    const [run, proof, late, confirmed] = await Promise.all([
      stores.evidence.read('RUN', runId),
      stores.evidence.read('PROOF', runId),
      stores.late.waiting(runId),
      confirmedFor(stores.evidence, runId),
    ]);
    if (run.length > 0 || proof.length > 0)
      return { run, proof, confirmed, waiting: late === 'unknown' ? late : countOf(late) };
    throw new Exit(
      'usage',
      `runId: got ${JSON.stringify(runId.slice(0, 100))}, and no run of that id has a record; want an id that this lists: npx gapless runs. Nothing was changed.`,
    );
  } finally {
    stores.close();
  }
}

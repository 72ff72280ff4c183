import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { brokenText, type ExportedRun } from '../../../core/export/exported-run';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { formatOf, written, type FormatFlags } from '../export/formats';
import { selected, type Selection } from '../export/selection';
import { countOf, waitingLines, type Waiting } from '../ledger/late-records';
import { momentOf } from '../moment';
import { Terminal, type Speech } from '../output/terminal';
import { openStores } from '../stores';

export interface ExportOptions extends FormatFlags {
  readonly folder: string;
  readonly speech: Speech;
  readonly run: string | undefined;
  readonly identity: string | undefined;
  /** A date, a time, or how long ago, such as 7d. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** A file to write to that is not there yet; stdout when undefined. */
  readonly out: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

const manifest = z.object({ version: z.string() });

/** Hands over the records of runs in a format of others; every run that fits, however it ended. Changes nothing. */
export async function exportEvidence(options: ExportOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const format = formatOf(options);
  const selection = selectionOf(options);
  assertWritable(options);
  const stores = openStores(connect(options.folder, process.env));
  try {
    const runs = await selected(stores, selection);
    const at = new Date(options.now).toISOString();
    const text = written(format, runs, { span: spanOf(selection, runs, at), at, product: version() });
    const late = await stores.late.waiting('runId' in selection ? selection.runId : undefined);
    return deliver(terminal, options, text, { runs, late: lateAmong(runs, late) });
  } finally {
    stores.close();
  }
}

function selectionOf({ run, identity, since, until, now }: ExportOptions): Selection {
  if (run !== undefined) {
    if (identity === undefined && since === undefined && until === undefined) return { runId: run };
    throw new Exit(
      'usage',
      '--run names one run; --identity, --since and --until choose several. Nothing was read. Give one or the other.',
    );
  }
  const selection = {
    ...(identity !== undefined && { identityId: identity }),
    ...(since !== undefined && { since: momentOf('--since', since, now) }),
    ...(until !== undefined && { until: momentOf('--until', until, now) }),
  };
  const { since: first = '', until: end } = selection;
  if (end === undefined || first < end) return selection;
  throw new Exit(
    'usage',
    `--until: got ${end}, want a time after --since, which is ${first}. Nothing was read.`,
  );
}

function assertWritable({ out, speech }: ExportOptions): void {
  if (out === undefined && speech.format === 'json') {
    const message =
      '--json: stdout holds the export itself, so there is no place for a document about it. Nothing was read. Give --out <file>, or leave out --json.';
    throw new Exit('usage', message);
  }
  if (out !== undefined && fs.existsSync(out)) throw exists(out);
}

function exists(out: string): Exit {
  return new Exit(
    'usage',
    `--out: got ${JSON.stringify(out)}, which exists; want a file that does not. Nothing was written.`,
  );
}

// Under its own name only once it is whole: half an export must not look like one.
function create(out: string, text: string): void {
  const partial = `${out}.partial`;
  try {
    fs.writeFileSync(partial, text);
    fs.linkSync(partial, out);
  } catch (error) {
    if (fs.existsSync(out)) throw exists(out);
    const why = error instanceof Error ? error.message : String(error);
    throw new Exit('usage', `--out: got ${JSON.stringify(out)}, and it cannot be written: ${why}`);
  } finally {
    fs.rmSync(partial, { force: true });
  }
}

// A run may have been opened by a clock that is ahead of this one; it belongs to the period all the same.
function spanOf(selection: Selection, runs: readonly ExportedRun[], at: string) {
  const opened = runs.flatMap(({ opened: first }) => (first ? [first.at] : [])).toSorted();
  const { since, until }: { since?: string; until?: string } = 'runId' in selection ? {} : selection;
  const newest = opened.at(-1) ?? at;
  return { start: since ?? opened[0] ?? at, end: until ?? (newest > at ? newest : at) };
}

function version(): string {
  const file = path.join(__dirname, '..', '..', '..', 'package.json');
  return manifest.parse(JSON.parse(fs.readFileSync(file, 'utf8'))).version;
}

/** What waits of the runs in an export; of those outside of it nothing is claimed. */
function lateAmong(runs: readonly ExportedRun[], late: Waiting): Waiting {
  if (late === 'unknown') return late;
  const ids = new Set(runs.map(({ runId }) => runId));
  return late.filter(({ runId }) => ids.has(runId));
}

/** What was read for an export. */
interface Exported {
  readonly runs: readonly ExportedRun[];
  /** Records in it that are not in the evidence table yet. */
  readonly late: Waiting;
}

/**
 * Writes an export where it was asked for and says what is in it.
 * @returns the exit code: evidence broken when the chains of a run in it do not verify; gap found when records in it are
 *   not in the evidence table yet, for whoever verifies the export cannot find them in the ledger
 * @throws Exit usage when the file is there or cannot be written
 */
export function deliver(
  terminal: Terminal,
  { format, out }: Pick<ExportOptions, 'format' | 'out'>,
  text: string,
  { runs, late }: Exported,
): number {
  if (out === undefined) terminal.raw(text);
  else create(out, text);
  const records = runs.reduce((sum, run) => sum + run.records.length, 0);
  const broken = runs.flatMap(({ runId, check }) => {
    const first = brokenText(check);
    return first === undefined ? [] : [{ runId, first }];
  });
  if (out !== undefined)
    terminal.document({ format, file: out, runs: runs.length, records, broken, evidenceWaiting: late });
  terminal.message(
    `${runs.length} runs, ${records} records as ${format}${out === undefined ? '' : ` in ${out}`}. Nothing was changed.`,
  );
  for (const { runId, first } of broken) {
    terminal.error(
      `run ${runId} does not verify: ${first}. It was exported as it is stored. Next: npx gapless evidence verify ${runId}`,
    );
  }
  for (const line of waitingLines(late)) terminal.error(line);
  if (broken.length > 0) return exitCodes.evidenceBroken;
  return countOf(late) > 0 ? exitCodes.gapFound : exitCodes.ok;
}

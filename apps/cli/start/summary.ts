import { shortSeconds } from '../output/durations';
import { table } from '../output/table';
import type { Terminal } from '../output/terminal';
import type { LedgerReport } from './ledger';
import type { ChainReport, ReportedRun } from './report';

const HEAD = [
  'identity',
  'strategy',
  'outcome',
  'level',
  'exposure',
  'gap',
  'failed calls',
  'transitions',
  'evidence writes',
  'secret writes',
];

/** The table of what was reached, and whether its evidence holds. */
export function printSummary(terminal: Terminal, runs: readonly ReportedRun[], chain: ChainReport): void {
  const { colours } = terminal;
  const [head = '', ...lines] = table([HEAD, ...runs.map(cells)]);
  terminal.line();
  terminal.line(colours.bold(head));
  for (const [index, line] of lines.entries()) {
    const paint = runs[index]?.outcome === 'verified' ? colours.green : colours.yellow;
    terminal.line(paint(line));
  }
  terminal.line();
  terminal.line(chainLine(terminal, chain));
}

/** What another process found in the bundle, on one line. */
export function printLedger(terminal: Terminal, { sealed, unsealed, bundle, broken }: LedgerReport): void {
  const { colours } = terminal;
  const text =
    broken === null
      ? `${colours.green('✓')} ledger: ${sealed} records sealed, ${unsealed} unsealed; another process verified ${bundle} offline, from a pinned key`
      : `${colours.red('✗')} ledger: ${bundle} does not verify: ${broken}`;
  terminal.line(text);
}

function cells(run: ReportedRun): readonly string[] {
  return [
    run.identity,
    run.kind === 'rotation' ? run.strategy : run.kind,
    run.outcome,
    run.proofLevel,
    shortSeconds(run.exposureSeconds),
    shortSeconds(run.gapSeconds),
    String(run.consumerFailures ?? '-'),
    String(run.transitions),
    String(run.evidenceWrites),
    String(run.secretWrites),
  ];
}

function chainLine({ colours }: Terminal, { verified, records, broken }: ChainReport): string {
  if (verified)
    return `${colours.green('✓')} evidence: ${records} records, every hash and link of both chains of each run holds`;
  const where = broken.map(
    ({ runId, chain, seq, expected, found }) =>
      `${chain}#${runId} seq ${seq}: expected ${expected}, found ${found}`,
  );
  return `${colours.red('✗')} evidence does not hold: ${where.join('; ')}`;
}

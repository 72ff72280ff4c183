import type { LedgerCheck } from '../../../core/ledger/verify';
import type { LedgerBreak, Position } from '../../../core/ledger/verify-source';
import type { Terminal } from './terminal';

type Verified = Extract<LedgerCheck, { state: 'verified' }>;

/** What a verification found, line by line: what holds, what is not sealed, or the first thing that does not hold. */
export function printLedger(terminal: Terminal, check: LedgerCheck): void {
  const { colours } = terminal;
  if (check.state === 'broken') {
    terminal.line(colours.red(`broken at ${breakText(check.first)}`));
    terminal.message(
      'From there on nothing of this ledger can be relied on. Nothing was changed. Keep the stores as they are, and compare them with an older bundle.',
    );
    return;
  }
  terminal.line(colours.green(verifiedText(check)));
  for (const { name, size } of check.copied) {
    const same =
      size === 0 ? 'holds no checkpoint yet' : `has the very same checkpoints up to ${size} records`;
    terminal.line(size === 0 ? colours.yellow(`${name}: ${same}`) : `${name}: ${same}`);
  }
  if (check.unsealed > 0) {
    terminal.line(
      colours.yellow(
        `UNSEALED ${check.unsealed}: recorded after the last checkpoint, and not verified. The next seal takes them up`,
      ),
    );
  }
  for (const { runId, spilled } of check.degraded) {
    terminal.line(
      colours.yellow(
        `EVIDENCE_DEGRADED ${runId}: ${spilled} of its records arrived later than they were made; they are sealed and hold`,
      ),
    );
  }
  for (const { key, extraVersions, deleteMarkers } of check.overlays) {
    terminal.line(
      colours.yellow(
        `laid over: ${key} has ${extraVersions} later versions and ${deleteMarkers} delete markers; its first version was verified`,
      ),
    );
  }
}

function verifiedText({ origin, size, records, checkpoints, runsOpen, runsClosed }: Verified): string {
  return `verified: ${records} of ${size} sealed records hashed again under ${checkpoints} checkpoints; ${runsClosed} runs closed, ${runsOpen} open; ledger ${origin}`;
}

/** Where it breaks, what was expected and what was found. */
export function breakText({ position, expected, found }: LedgerBreak): string {
  return `${placeText(position)}: expected ${expected}, found ${found}`;
}

function placeText({ object, leaf, chain, runId, seq }: Position): string {
  const record =
    runId === undefined ? '' : ` (${chain ?? 'run'}#${runId}${seq === undefined ? '' : ` seq ${seq}`})`;
  return `${object}${leaf === undefined ? '' : ` leaf ${leaf}`}${record}`;
}

import type { Scope } from '../../../core/ledger/bundle';
import { verifyBundle } from '../../../core/ledger/bundle-source';
import type { Pinned } from '../../../core/ledger/checkpoint';
import { verifyLedger, type LedgerCheck } from '../../../core/ledger/verify';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { existingBundle } from '../ledger/bundle-folder';
import { openLedger } from '../ledger/live-ledger';
import { pinsOf, type PinFlags } from '../ledger/pins';
import { scopeOf, type ScopeFlags } from '../ledger/scope';
import { printLedger } from '../output/ledger-lines';
import { Terminal, type Speech } from '../output/terminal';
import { verify } from './evidence';

export interface VerifyOptions extends PinFlags, ScopeFlags {
  readonly folder: string;
  readonly speech: Speech;
  /** Folder of an exported bundle; the deployment's own stores when undefined. */
  readonly bundle: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

// Copies, a witness and checkpoints seen before are compared where they are at hand; this command knows of none.
const alone = { copies: [], witness: undefined, known: [] } as const;

/**
 * Verifies sealed evidence from a pinned origin and key; without pins, the chains of one run alone. Reads only.
 * @throws Exit usage when flags do not fit together
 */
export async function verifyEvidence(options: VerifyOptions): Promise<number> {
  const pinned = pinsOf(options);
  const scope = scopeOf(options, options.now);
  if (options.bundle !== undefined) {
    if (!pinned) throw unpinned('--bundle');
    const files = existingBundle(options.bundle);
    return report(options.speech, await verifyBundle(files, { ...pinned, ...alone, scope }));
  }
  if (pinned) return report(options.speech, await live(options, pinned, scope ?? { kind: 'ledger' }));
  if (options.runId === undefined) throw unpinned('more than one run');
  return verify({ ...options, runId: options.runId });
}

async function live({ folder }: VerifyOptions, pinned: Pinned, scope: Scope): Promise<LedgerCheck> {
  const ledger = openLedger(connect(folder, process.env));
  try {
    return await verifyLedger(ledger.source, { ...pinned, ...alone, scope });
  } finally {
    ledger.close();
  }
}

function report(speech: Speech, check: LedgerCheck): number {
  const terminal = new Terminal(speech);
  const { state, ...rest } = check;
  const found = state === 'verified' && missing(check) === undefined;
  terminal.document({ verified: found, ...rest });
  printLedger(terminal, check);
  if (state === 'broken') return exitCodes.evidenceBroken;
  const runId = missing(check);
  if (runId === undefined) return exitCodes.ok;
  terminal.error(
    `No record of run ${runId} is under a checkpoint, so nothing of it is verified. Seal runs every minute; its chains alone: npx gapless evidence verify ${runId}`,
  );
  return exitCodes.gapFound;
}

/** The one run that was asked for, when the ledger holds nothing of it. */
function missing(check: LedgerCheck): string | undefined {
  if (check.state === 'broken' || check.scope.kind !== 'run' || check.records > 0) return undefined;
  return check.scope.runId;
}

function unpinned(what: string): Exit {
  return new Exit(
    'usage',
    `${what} is verified from what you pinned: want --origin <ledger id> and --key <file of the public key>. Nothing was verified. Both are told by: npx gapless evidence key --out <file>`,
  );
}

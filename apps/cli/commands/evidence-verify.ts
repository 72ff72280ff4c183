import type { Scope } from '../../../core/ledger/bundle';
import { bundleSource, verifyBundle } from '../../../core/ledger/bundle-source';
import type { Pinned } from '../../../core/ledger/checkpoint';
import { verifyLedger, type LedgerCheck } from '../../../core/ledger/verify';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { existingBundle } from '../ledger/bundle-folder';
import { gapsOf } from '../ledger/gaps';
import { openLateRecords, printWaiting, type Waiting } from '../ledger/late-records';
import { openLedger } from '../ledger/live-ledger';
import { pinsOf, type PinFlags } from '../ledger/pins';
import { scopeOf, type ScopeFlags } from '../ledger/scope';
import { namesTrust, openTrust, type TrustFlags } from '../ledger/trust';
import { printLedger } from '../output/ledger-lines';
import { Terminal, type Speech } from '../output/terminal';
import { configOf } from '../client-config';
import { verify } from './evidence';

export interface VerifyOptions extends PinFlags, ScopeFlags, TrustFlags {
  readonly folder: string;
  readonly speech: Speech;
  /** Folder of an exported bundle; the deployment's own stores when undefined. */
  readonly bundle: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Verifies sealed evidence from a pinned origin and key, and against what others keep of it; without pins, the chains of
 * one run alone. Reads only.
 * @throws Exit usage when flags do not fit together
 */
export async function verifyEvidence(options: VerifyOptions): Promise<number> {
  const pinned = pinsOf(options);
  const scope = scopeOf(options, options.now);
  if (options.bundle !== undefined) {
    if (!pinned) throw unpinned('--bundle');
    const files = existingBundle(options.bundle);
    const trust = openTrust(options, pinned, { bundled: bundleSource(files), config: {} });
    try {
      return report(options.speech, await verifyBundle(files, { ...trust.trusted, scope }), []);
    } finally {
      trust.close();
    }
  }
  if (!pinned && namesTrust(options)) throw unpinned('--copy, --witness and --seen compare what');
  if (pinned) return live(options, pinned, scope ?? { kind: 'ledger' });
  if (options.runId === undefined) throw unpinned('more than one run');
  return verify({ ...options, runId: options.runId });
}

async function live(options: VerifyOptions, pinned: Pinned, scope: Scope): Promise<number> {
  const connection = connect(options.folder, process.env);
  const ledger = openLedger(connection);
  const late = openLateRecords(connection);
  const trust = openTrust(options, pinned, { bundled: undefined, config: configOf(connection.client) });
  try {
    const check = await verifyLedger(ledger.source, { ...trust.trusted, scope });
    const waiting = await late.waiting(scope.kind === 'run' ? scope.runId : undefined);
    return report(options.speech, check, waiting);
  } finally {
    for (const each of [ledger, late, trust]) each.close();
  }
}

/** @param waiting records in scope that are not in the evidence table yet, and so in no checkpoint */
function report(speech: Speech, check: LedgerCheck, waiting: Waiting): number {
  const terminal = new Terminal(speech);
  const { state, ...rest } = check;
  const gaps = check.state === 'verified' ? gapsOf(check, waiting) : [];
  const found = state === 'verified' && gaps.every(({ leaves }) => leaves !== 'nothing');
  terminal.document({ verified: found, ...rest, evidenceWaiting: waiting });
  printLedger(terminal, check);
  printWaiting(terminal, waiting);
  if (state === 'broken') return exitCodes.evidenceBroken;
  for (const { why } of gaps) terminal.error(why);
  return gaps.length > 0 ? exitCodes.gapFound : exitCodes.ok;
}

function unpinned(what: string): Exit {
  return new Exit(
    'usage',
    `${what} is verified from what you pinned: want --origin <ledger id> and --key <file of the public key>. Nothing was verified. Both are told by: npx gapless evidence key --out <file>`,
  );
}

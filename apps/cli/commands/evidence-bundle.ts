import { bundleFiles } from '../../../core/ledger/bundle-files';
import { Broken } from '../../../core/ledger/verify-source';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { writeBundle } from '../ledger/bundle-folder';
import { countOf, openLateRecords, waitingLines } from '../ledger/late-records';
import { openLedger } from '../ledger/live-ledger';
import { openPlace } from '../ledger/object-place';
import { scopeOf, type ScopeFlags } from '../ledger/scope';
import { breakText } from '../output/ledger-lines';
import { Terminal, type Speech } from '../output/terminal';
import { configOf } from '../client-config';

export interface BundleOptions extends ScopeFlags {
  readonly folder: string;
  readonly speech: Speech;
  /** Folder to make. */
  readonly out: string | undefined;
  /** Where countersignatures to take along are. */
  readonly witness: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Writes a part of the sealed ledger as a folder that a third party verifies with the verifier, a pinned origin and a
 * pinned key alone. Changes nothing in the ledger.
 * @throws Exit usage when flags do not fit; evidenceBroken when the ledger lacks an object
 */
export async function exportBundle(options: BundleOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const { out, now } = options;
  const scope = scopeOf(options, now) ?? { kind: 'ledger' };
  if (out === undefined)
    throw new Exit('usage', '--format bundle is a folder: want --out <folder>. Nothing was written.');
  const connection = connect(options.folder, process.env);
  const witness =
    options.witness === undefined
      ? undefined
      : openPlace('--witness', options.witness, configOf(connection.client));
  const ledger = openLedger(connection);
  const late = openLateRecords(connection);
  try {
    const about = {
      origin: ledger.origin,
      scope,
      madeAt: new Date(now).toISOString(),
      witness: witness?.objects,
    };
    const files = await writeBundle(out, bundleFiles(ledger.source, about));
    const waiting = await late.waiting(scope.kind === 'run' ? scope.runId : undefined);
    terminal.document({ format: 'bundle', folder: out, files, scope, evidenceWaiting: waiting });
    terminal.message(
      `${files} files in ${out}. Whoever verifies it needs what was pinned before, not what comes with it: npx gapless evidence verify --bundle ${out} --origin <ledger id> --key <file>`,
    );
    // They are in no checkpoint and not in the table: the bundle has them as unsealed, and proves nothing about them.
    for (const line of waitingLines(waiting)) terminal.error(line);
    return countOf(waiting) > 0 ? exitCodes.gapFound : exitCodes.ok;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    throw new Exit(
      'evidenceBroken',
      `The ledger cannot be exported: ${breakText(error.first)}. Nothing was written. Keep the bucket as it is.`,
    );
  } finally {
    witness?.close();
    ledger.close();
    late.close();
  }
}

import fs from 'node:fs';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { openLedger } from '../ledger/live-ledger';
import { Terminal, type Speech } from '../output/terminal';

export interface KeyOptions {
  readonly folder: string;
  readonly speech: Speech;
  /** A file to write the key to that is not there yet. */
  readonly out: string;
}

/**
 * Tells what a verifier pins: the ledger's id and the public key of its checkpoints. Changes nothing.
 * @throws Exit usage when the file is there or cannot be written
 */
export async function ledgerKey({ folder, speech, out }: KeyOptions): Promise<number> {
  const terminal = new Terminal(speech);
  const ledger = openLedger(connect(folder, process.env));
  try {
    const pem = await ledger.publicKey();
    write(out, pem);
    terminal.document({ origin: ledger.origin, key: out });
    terminal.line(`origin  ${ledger.origin}`);
    terminal.line(`key     ${out}`);
    terminal.message(
      `Keep both where the deployment cannot change them. Next: npx gapless evidence verify --all --origin ${ledger.origin} --key ${out}`,
    );
    return exitCodes.ok;
  } finally {
    ledger.close();
  }
}

function write(out: string, pem: string): void {
  try {
    fs.writeFileSync(out, pem, { flag: 'wx' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Exit(
      'usage',
      `--out: got ${JSON.stringify(out)}, want a file that is not there and can be written: ${why}. Nothing was written.`,
    );
  }
}

import { hash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { bundleSource } from '../../core/ledger/bundle-source';
import { verifyLedger } from '../../core/ledger/verify';
import { LEDGER_ID } from '../../test/support/chains';
import { folderOf, type BuiltLedger } from './build';

/** Milliseconds of a whole verification. @throws Error when a clean ledger is not found clean */
export async function verifying(ledger: BuiltLedger): Promise<number> {
  const started = performance.now();
  const check = await verifyLedger(bundleSource(folderOf(ledger)), {
    origin: LEDGER_ID,
    key: ledger.publicKey,
    scope: { kind: 'ledger' },
    copies: [],
    witness: undefined,
    known: [],
  });
  const took = performance.now() - started;
  if (check.state === 'broken') throw new Error(`false alarm: ${JSON.stringify(check.first)}`);
  if (check.records !== ledger.records)
    throw new Error(`${check.records} records were verified of ${ledger.records}`);
  return took;
}

/** `bodies`: the records alone, the least that any verifier hashes. `all`: leaf lists, checkpoints and tiles too. */
export type Read = 'bodies' | 'all';

/**
 * Milliseconds of a loop that only parses and hashes what a verifier reads: every body as a leaf of the tree, every other
 * object as it is, and each line that is JSON as JSON.
 */
export function parsingAndHashing({ files }: BuiltLedger, read: Read): number {
  const started = performance.now();
  let letters = 0;
  for (const [path, bytes] of files) {
    const isRecords = path.startsWith('records/');
    if (read === 'bodies' && !isRecords) continue;
    if (!isRecords) letters += hash('sha256', bytes, 'hex').length;
    if (path.startsWith('tile/')) continue;
    for (const line of bytes.toString('utf8').split('\n')) {
      if (!line.startsWith('{') && !line.startsWith('[')) continue;
      const parsed: unknown = JSON.parse(line);
      letters += parsed === null ? 1 : 0;
      if (isRecords) letters += hash('sha256', `\u0000${line}`, 'hex').length;
    }
  }
  if (letters === 0) throw new Error('there was nothing to hash');
  return performance.now() - started;
}

import fs from 'node:fs';
import type { Pinned } from '../../../core/ledger/checkpoint';
import { pinnedKey } from '../../../core/ledger/signed';
import { Failure } from '../../../core/failure';
import { Exit } from '../exit';

/** What the caller pinned, as flags. */
export interface PinFlags {
  /** The ledger's id. */
  readonly origin: string | undefined;
  /** A file with the public key in PEM. */
  readonly key: string | undefined;
}

/**
 * What the caller trusts; undefined when nothing is pinned.
 * @throws Exit usage when only one of the two is given, or the file is no P-256 public key
 */
export function pinsOf({ origin, key }: PinFlags): Pinned | undefined {
  if (origin === undefined && key === undefined) return undefined;
  if (origin === undefined || key === undefined) {
    throw new Exit(
      'usage',
      `--origin and --key are pinned together; got only ${origin === undefined ? '--key' : '--origin'}. Nothing was verified. Both are told by: npx gapless evidence key --out <file>`,
    );
  }
  return { origin, key: keyIn('--key', key) };
}

/** Reads a pinned public key. @throws Exit usage when the file holds none */
export function keyIn(flag: string, file: string): Pinned['key'] {
  try {
    return pinnedKey(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Failure ? error.message : 'it cannot be read. Nothing was verified.';
    throw new Exit('usage', `${flag}: got ${JSON.stringify(file)}: ${why}`);
  }
}

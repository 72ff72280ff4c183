import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Pinned } from '../../../core/ledger/checkpoint';
import type { Objects, Trusted } from '../../../core/ledger/verify-source';
import { Exit } from '../exit';
import { openPlace } from './object-place';
import { keyIn } from './pins';
import { seenIn } from './seen';

/** What others keep of the ledger, and what the caller saw of it before, as flags. */
export interface TrustFlags {
  /** Write-once copies of the checkpoints: folders, or `s3://<bucket>`. */
  readonly copies: readonly string[];
  /** Where the witness's countersignatures are: a folder, or `s3://<bucket>`. */
  readonly witness: string | undefined;
  /** A file with the witness's public key in PEM. */
  readonly witnessKey: string | undefined;
  /** Earlier results of a verification, checkpoints, or folders of checkpoints. */
  readonly seen: readonly string[];
}

/** All that is trusted beside the scope, and how to let go of it. */
export interface Trust {
  readonly trusted: Omit<Trusted, 'scope'>;
  close(): void;
}

/**
 * Opens what the flags name.
 * @param bundled countersignatures that a bundle holds, which count where no other place is named
 * @throws Exit usage when flags do not fit together, or what they name is not that
 */
export function openTrust(
  flags: TrustFlags,
  pinned: Pinned,
  { bundled, config }: { readonly bundled: Objects | undefined; readonly config: S3ClientConfig },
): Trust {
  const opened: { close(): void }[] = [];
  const open = (flag: string, place: string): Objects => {
    const there = openPlace(flag, place, config);
    opened.push(there);
    return there.objects;
  };
  const copies = flags.copies.map((place) => ({ name: `copy ${place}`, objects: open('--copy', place) }));
  const countersigned = flags.witness === undefined ? bundled : open('--witness', flags.witness);
  return {
    trusted: {
      ...pinned,
      copies,
      witness: witnessOf(flags, countersigned),
      known: flags.seen.flatMap((file) => seenIn(file, pinned)),
    },
    close: () => opened.forEach((each) => each.close()),
  };
}

/** Whether any of the flags is given; all of them need pins. */
export function namesTrust({ copies, witness, witnessKey, seen }: TrustFlags): boolean {
  return copies.length + seen.length > 0 || witness !== undefined || witnessKey !== undefined;
}

function witnessOf({ witness, witnessKey }: TrustFlags, objects: Objects | undefined): Trusted['witness'] {
  if (witnessKey !== undefined && objects !== undefined)
    return { key: keyIn('--witness-key', witnessKey), objects };
  if (witness === undefined && witnessKey === undefined) return undefined;
  throw new Exit(
    'usage',
    `--witness and --witness-key are given together; got only ${witness === undefined ? '--witness-key' : '--witness'}. Nothing was verified. The key is the one that the account of the witness told you; a bundle that was exported with --witness needs --witness-key alone.`,
  );
}

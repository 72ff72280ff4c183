import type { KeyObject } from 'node:crypto';
import type { Sealable } from '../evidence/chain';
import type { Chain } from '../evidence/record';
import type { ObjectVersions } from '../ports/sealed-store';
import type { Scope } from './bundle';
import type { Pinned } from './checkpoint';
import type { ListText } from './leaf-list';

/** Sealed objects by name: a bucket, a copy of it, or a folder. Nothing in it is trusted. */
export interface Objects {
  /** The oldest version of an object. */
  get(key: string): Promise<Uint8Array | undefined>;
  versions(prefix: string): Promise<readonly ObjectVersions[]>;
}

/** Where a ledger is read from to be verified: the stores themselves, or an exported bundle. */
export interface LedgerSource extends Objects {
  /** The bodies of a list's records. Which are wanted is a set of run ids, or all. */
  bodies(list: ListText, wanted: Wanted): Promise<Iterable<Bodies>>;
  /** The records after the last checkpoint. `sealed` says how far each run is under it. */
  unsealed(sealed: ReadonlyMap<string, SealedTo>): Promise<readonly Sealable[]>;
}

/**
 * The next bodies of a list, one for each of its lines, undefined or empty where there is none. The blocks that a list's
 * bodies come in are of any length, and never more than its lines; lines after the last block have no body.
 */
export type Bodies = readonly (string | undefined)[];

/** How many records of each chain of a run are sealed. */
export interface SealedTo {
  readonly run: number;
  readonly proof: number;
}

export type Wanted = ReadonlySet<string> | 'all';

/** A copy of the checkpoints that somebody else keeps. */
export interface Copy {
  /** For people, such as `WORM copy`. */
  readonly name: string;
  readonly objects: Objects;
}

/** What the caller brings; none of it may come from what is verified. */
export interface Trusted extends Pinned {
  readonly scope: Scope;
  readonly copies: readonly Copy[];
  /** The witness's own public key, and where its countersignatures are. */
  readonly witness: { readonly key: KeyObject; readonly objects: Objects } | undefined;
  /** Checkpoints the caller saw before: the ledger must still contain them. */
  readonly known: readonly { readonly size: number; readonly root: string }[];
}

/** Where something does not hold: the object, and the record where it is one. */
export interface Position {
  readonly object: string;
  /** Number of the leaf, from 0. */
  readonly leaf?: number;
  readonly chain?: Chain;
  readonly runId?: string;
  readonly seq?: number;
}

/** The first thing that does not hold. */
export interface LedgerBreak {
  readonly position: Position;
  readonly expected: string;
  readonly found: string;
}

/** Ends a verification from anywhere within it; never leaves `verifyLedger`. */
export class Broken extends Error {
  constructor(readonly first: LedgerBreak) {
    super(`${first.position.object}: expected ${first.expected}, found ${first.found}`);
  }
}

/** @throws Broken always */
export function broken(position: Position | string, expected: string, found: string): never {
  throw new Broken({
    position: typeof position === 'string' ? { object: position } : position,
    expected,
    found,
  });
}

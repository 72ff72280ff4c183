import type { IdentityRow, Obligation } from '../../core/ports/registry';
import type { Labels } from '../../core/ports/vault';
import type { Outcome } from '../../core/evidence/record';
import type { RunState } from '../../core/run/state';

/** Two rotations, one emergency, and the runs in which Settle pays. */
export type RunId = 'A' | 'B' | 'E' | 'S1' | 'S2';
/**
 * Whose execution it is. Settle works on one thing at a time; `Z` is an execution of its that was stopped while its
 * worker goes on, or a second delivery of Mint, which belongs to no execution.
 */
export type Who = 'A' | 'B' | 'E' | 'S' | 'Z';
/** The version in force at first, and the candidates of the rotations. */
export type Version = string;

/**
 * The clock knows three times only: what is over, now, and the end of every time limit that runs. That is all the
 * protocol tells apart, and it keeps the space finite without a bound on time.
 */
export const NOW = '2026-01-01T00:00:01Z';
export const LATER = '2026-01-01T00:00:02Z';

/** One run: its marker, which execution drives it, and its two chains. */
export interface Run {
  kind: 'rotation' | 'revocation' | 'settle';
  marker: 'open' | 'closed';
  execution: Who | 'gone';
  /** The slot a rotation is for; null when somebody started it by hand. */
  slot: string | null;
  trigger: string;
  about: string | null;
  /** Highest fence in its records. */
  fence: number;
  /** Entries as `entries.ts` writes them; forgotten once the run is closed and nobody works for it. */
  chain: string[];
  proof: string[];
  outcome: Outcome | null;
}

/** What a machine carries between steps, as far as the protocol needs it. */
export interface Carried extends Pick<RunState, 'fence' | 'candidate' | 'superseded' | 'round'> {
  seq: number;
  proofSeq: number;
  direction: 'undo' | 'pay' | 'contain' | 'close' | null;
  /** `later`: a worker of a preempted run may still be acting. */
  notBefore: 'over' | 'later';
  confirmed: 'no' | 'fresh' | 'stale';
}

/** An execution, and the invocation of a step that it waits for. */
export interface Worker {
  run: RunId;
  machine: 'Rotation' | 'Revocation' | 'Settle';
  step: string;
  pc: number;
  /** Which of several calls made at once have returned. */
  returned: number[];
  /** The state the step was started with; a repeated step starts with it again. */
  given: Carried;
  carried: Carried;
  /** What the step remembers until it returns. */
  memory: Memory;
  /** `stopped`: its execution is gone; the worker goes on to the end of the step. */
  execution: 'runs' | 'stopped';
  failure: string | null;
}

export interface Memory {
  /** Set between claiming the identity and giving it back. */
  acting?: boolean;
  repeated?: boolean;
  /** The step is repeated after the run went on from its outcome. */
  late?: boolean;
  failing?: string;
  finding?: string;
  ours?: boolean;
  inForce?: number;
  slot?: string;
  code?: string;
  heldBy?: string;
  revoked?: boolean;
  row?: IdentityRow['versions'];
  suspects?: string[];
  todo?: string[];
  wanted?: string;
  direction?: Carried['direction'];
}

export interface World {
  row: IdentityRow;
  owed: Obligation[];
  labels: Labels;
  /** Versions in the vault, each with the place of its principal at the target. */
  held: Record<Version, number>;
  /** What each of the two principals accepts. */
  target: (Version | null)[];
  runs: Partial<Record<RunId, Run>>;
  workers: Partial<Record<Who, Worker>>;
  faults: number;
  /** Set by a call that no correct protocol makes: the invariant it breaks. */
  broken?: string;
}

export const blank: Carried = {
  fence: 0,
  candidate: null,
  superseded: null,
  round: 1,
  seq: 0,
  proofSeq: 0,
  direction: null,
  notBefore: 'over',
  confirmed: 'no',
};

/** An identity with one credential, and slot 1 due; nothing has been started. */
export function initial(faults: number): World {
  const row: IdentityRow = {
    id: 'i',
    kind: 'k',
    owner: '',
    network: '',
    policyRevision: '',
    policySha256: '',
    versions: [{ versionId: 'v0', remoteId: '0', stage: 'AWSCURRENT' }],
    fence: 0,
    lease: undefined,
    busyUntil: undefined,
    busyStage: undefined,
    actingUntil: undefined,
    revoked: undefined,
    slot: '1',
    dueAt: undefined,
    attempt: 0,
  };
  return {
    row,
    owed: [],
    labels: { current: 'v0', pending: undefined, previous: undefined },
    held: { v0: 0 },
    target: ['v0', null],
    runs: {},
    workers: {},
    faults,
  };
}

/** Whether the target lets a version in. */
export function accepts({ held, target }: Pick<World, 'held' | 'target'>, version: Version): boolean {
  const place = held[version];
  return place !== undefined && target[place] === version;
}

/** Whether an execution has ended, and its last worker with it (core/run/stopped.ts). */
export function isGone({ workers }: Pick<World, 'workers'>, execution: Who | 'gone'): boolean {
  return execution === 'gone' || workers[execution] === undefined;
}

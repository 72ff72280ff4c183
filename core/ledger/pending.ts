import * as z from 'zod/mini';
import { headAfter, leafHash, type Head, type Sealable } from '../evidence/chain';
import type { Chain } from '../evidence/record';
import type { Break } from '../evidence/verify';
import type { SealedRun } from '../ports/ledger-index';
import type { Leaf } from './leaf-list';

/** What is not sealed yet of one run. `run` was read before `proof`, so a RunClosed has all its proofs beside it. */
export interface PendingRun {
  readonly sealed: SealedRun;
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
}

/** Leaves in the order of the tree. `refused`: the first record that does not hold; it and what follows are not sealed. */
export interface PendingLeaves {
  readonly leaves: readonly Leaf[];
  readonly refused: (Break & { readonly runId: string }) | undefined;
}

const linked = z.looseObject({
  ledgerId: z.string(),
  runId: z.string(),
  chain: z.enum(['RUN', 'PROOF']),
  seq: z.int(),
  prev: z.string(),
  type: z.string(),
  /** Of a RunClosed: how far the PROOF chain was when the run was closed. */
  proofHead: z.optional(z.object({ seq: z.int() })),
});

/**
 * The leaves of a run: its RUN records, then its PROOF records, and the terminal record last of all, so that nothing
 * under a terminal record is ever sealed after it. A record that does not hash or link is never sealed.
 */
export function pendingLeaves(origin: string, { sealed, run, proof }: PendingRun): PendingLeaves {
  const runs = linkedLeaves(origin, sealed, 'RUN', run);
  const proofs = linkedLeaves(origin, sealed, 'PROOF', proof);
  const terminal = runs.leaves.filter(({ part }) => part === 'closes');
  const before = runs.leaves.filter(({ part }) => part === 'within');
  const refused = runs.refused ?? proofs.refused ?? missingProof(runs.counted, proofs.head);
  const closing = refused ? [] : terminal;
  return {
    leaves: [...before, ...proofs.leaves, ...closing],
    refused: refused && { ...refused, runId: sealed.runId },
  };
}

interface Linked {
  readonly leaves: readonly Leaf[];
  readonly refused: Break | undefined;
  readonly head: Head;
  /** How many proofs the terminal record counts; 0 without one. */
  readonly counted: number;
}

/** A run is not sealed as closed while proofs it was closed on are missing. */
function missingProof(counted: number, head: Head): Break | undefined {
  if (counted <= head.seq) return undefined;
  return {
    chain: 'PROOF',
    seq: head.seq,
    expected: `${counted} records, as RunClosed says`,
    found: `${head.seq}`,
  };
}

function linkedLeaves(origin: string, sealed: SealedRun, chain: Chain, records: readonly Sealable[]): Linked {
  const { runId } = sealed;
  let head: Head = chain === 'RUN' ? sealed.run : sealed.proof;
  let over = chain === 'RUN' && sealed.closed === 'yes';
  let counted = 0;
  const leaves: Leaf[] = [];
  for (const record of records) {
    const refused = over ? afterTerminal(head) : problem({ origin, runId, chain, head }, record);
    if (refused) return { leaves, refused: { chain, seq: head.seq, ...refused }, head, counted };
    const said = linked.parse(JSON.parse(record.body));
    over = said.type === 'RunClosed';
    counted = said.proofHead?.seq ?? 0;
    leaves.push({ chain, runId, seq: record.seq, hash: record.hash, part: over ? 'closes' : 'within' });
    head = headAfter(record);
  }
  return { leaves, refused: undefined, head, counted };
}

interface Difference {
  readonly expected: string;
  readonly found: string;
}

function afterTerminal(head: Head): Difference {
  return { expected: 'nothing after RunClosed', found: `a record at seq ${head.seq}` };
}

interface Place {
  readonly origin: string;
  readonly runId: string;
  readonly chain: Chain;
  readonly head: Head;
}

function problem({ origin, runId, chain, head }: Place, record: Sealable): Difference | undefined {
  const hash = leafHash(record.body);
  if (hash !== record.hash)
    return { expected: `hash ${record.hash}`, found: `hash ${hash} of the stored body` };
  const said = read(record.body);
  if (!said) return { expected: 'a record', found: 'a body that is none' };
  const expected = `${chain}#${runId} seq ${head.seq} of ${origin}`;
  const found = `${said.chain}#${said.runId} seq ${said.seq} of ${said.ledgerId}`;
  if (expected !== found || record.seq !== head.seq) return { expected, found };
  return said.prev === head.prev ? undefined : { expected: `prev ${head.prev}`, found: `prev ${said.prev}` };
}

function read(body: string): z.infer<typeof linked> | undefined {
  try {
    return linked.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}

import type { Sealable } from '../evidence/chain';
import type { Chain } from '../evidence/record';
import type { EvidenceStore } from '../ports/evidence-store';
import type { LedgerIndex } from '../ports/ledger-index';
import { parseLeafLine } from './leaf-list';
import type { Bodies, LedgerSource, Objects, SealedTo } from './verify-source';

/** The stores a live ledger is verified in. */
export interface LiveStores {
  readonly sealed: Objects;
  readonly evidence: Pick<EvidenceStore, 'read'>;
  /** Evidence with what waits in the spill behind it: what is not sealed yet is read there. The table alone when absent. */
  readonly late?: Pick<EvidenceStore, 'read'>;
  readonly index: Pick<LedgerIndex, 'markers'>;
}

type Chains = Record<Chain, readonly Sealable[]>;

/** A ledger in its own stores: bodies come from the evidence table, whose `h` is not believed. */
export function storeSource({ sealed, evidence, late = evidence, index }: LiveStores): LedgerSource {
  const open = new Map<string, Chains>();
  const counts = new Map<string, SealedTo>();
  const read = async (runId: string): Promise<Chains> => {
    const [RUN, PROOF] = [await evidence.read('RUN', runId), await evidence.read('PROOF', runId)];
    counts.set(runId, { run: RUN.length, proof: PROOF.length });
    open.set(runId, { RUN, PROOF });
    return { RUN, PROOF };
  };
  return {
    get: (key) => sealed.get(key),
    versions: (prefix) => sealed.versions(prefix),
    bodies: async (list, wanted) => {
      const bodies: (string | undefined)[] = [];
      for (const line of list.lines) {
        const leaf = parseLeafLine(line);
        if (!leaf || (wanted !== 'all' && !wanted.has(leaf.runId))) bodies.push(undefined);
        else {
          const { chain, runId, seq } = leaf;
          const known = open.get(runId)?.[chain];
          // The chain may have grown since it was read.
          const records = known && bodyAt(known, seq) !== undefined ? known : (await read(runId))[chain];
          bodies.push(bodyAt(records, seq));
          if (leaf.part === 'closes') open.delete(runId);
        }
      }
      return inBlocks(bodies);
    },
    unsealed: async (sealedTo) => {
      const withMore = [...counts].filter(([runId, { run, proof }]) => {
        const to = sealedTo.get(runId);
        return !to || run > to.run || proof > to.proof;
      });
      const marked = (await index.markers()).map(({ runId }) => runId);
      const tail: Sealable[] = [];
      for (const runId of new Set([...withMore.map(([id]) => id), ...marked])) {
        const { run, proof } = sealedTo.get(runId) ?? { run: 0, proof: 0 };
        tail.push(...(await late.read('RUN', runId, run)), ...(await late.read('PROOF', runId, proof)));
      }
      return tail;
    },
  };
}

/** Bodies at once: what is parsed and not judged yet is kept, and more would outlive a collection of garbage. */
const BLOCK = 256;

function* inBlocks(bodies: Bodies): Generator<Bodies> {
  for (let at = 0; at < bodies.length; at += BLOCK) yield bodies.slice(at, at + BLOCK);
}

function bodyAt(records: readonly Sealable[], seq: number): string | undefined {
  const there = records[seq];
  return there?.seq === seq ? there.body : records.find((record) => record.seq === seq)?.body;
}

import type { SealedStore } from '../ports/sealed-store';
import type { Spill, Spilled, SpillState } from '../ports/spill';
import { leafHash, type Sealable } from './chain';
import type { Chain } from './record';

/**
 * Folder of the bucket. Below it: `<run id>/<RUN|PROOF>/<seq>`, and marks `<run id>/<delivered|aside>/<chain>-<seq>`. The
 * chain of a mark is no folder: IAM lets `*` stand for several, and a right at the folders RUN of all runs must reach no mark.
 */
const FOLDER = 'spill/';
const SEQ_DIGITS = 6;
const KEPT = /^spill\/([^/]+)\/(RUN|PROOF)\/(\d{6})$/;
const MARK = /^spill\/([^/]+)\/(delivered|aside)\/(RUN|PROOF)-(\d{6})$/;

interface Place {
  readonly runId: string;
  readonly chain: Chain;
  readonly seq: number;
}
type Kept = Place & { readonly key: string; readonly state: SpillState };

/** The spill as objects that are written once, in a bucket or in memory. */
export function spillIn(objects: SealedStore): Spill {
  const under = async (prefix: string) =>
    keptAmong((await objects.versions(prefix)).map((object) => object.key));
  return {
    put: (record) => objects.put(keyOf(record), Buffer.from(record.body)),
    of: async (runId) => {
      const kept = await under(`${FOLDER}${runId}/`);
      const read = kept.map(async (each) => spilled(each, await objects.get(each.key)));
      return (await Promise.all(read)).flatMap((each) => each ?? []);
    },
    waiting: async () => {
      const counts = new Map<string, number>();
      for (const { runId, state } of await under(FOLDER))
        if (state === 'waiting') counts.set(runId, (counts.get(runId) ?? 0) + 1);
      return [...counts].map(([runId, count]) => ({ runId, count }));
    },
    mark: async (record, as) => {
      await objects.put(markOf(record, as), new Uint8Array());
    },
  };
}

function keyOf({ runId, chain, seq }: Place): string {
  return `${FOLDER}${runId}/${chain}/${digits(seq)}`;
}

function markOf({ runId, chain, seq }: Place, as: Exclude<SpillState, 'waiting'>): string {
  return `${FOLDER}${runId}/${as}/${chain}-${digits(seq)}`;
}

function digits(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, '0');
}

function keptAmong(keys: readonly string[]): readonly Kept[] {
  const marks = new Map<string, Exclude<SpillState, 'waiting'>>();
  for (const key of keys) {
    const [, runId = '', as, chain = '', seq = ''] = MARK.exec(key) ?? [];
    if (as === 'delivered' || as === 'aside') marks.set(`${FOLDER}${runId}/${chain}/${seq}`, as);
  }
  return keys.toSorted().flatMap((key): readonly Kept[] => {
    const [, runId = '', chain, seq = ''] = KEPT.exec(key) ?? [];
    if (chain !== 'RUN' && chain !== 'PROOF') return [];
    return [{ key, runId, chain, seq: Number(seq), state: marks.get(key) ?? 'waiting' }];
  });
}

function spilled({ runId, chain, seq, state }: Kept, bytes: Uint8Array | undefined): Spilled | undefined {
  if (bytes === undefined) return undefined;
  const body = Buffer.from(bytes).toString('utf8');
  const record: Sealable = { chain, runId, seq, body, hash: leafHash(body) };
  return { record, state };
}

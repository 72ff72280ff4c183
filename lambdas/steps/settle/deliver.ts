import { leafHash, prevOf, type Sealable } from '../../../core/evidence/chain';
import { parseRecord, type EvidenceRecord } from '../../../core/evidence/record';
import { isStoreDown } from '../../../core/evidence/spilling';
import { Failure } from '../../../core/failure';
import type { Deps } from '../deps';

interface Ports extends Pick<Deps, 'spill' | 'ledgerId'> {
  readonly evidence: Pick<Deps['evidence'], 'put' | 'get'>;
}

/** `waiting`: records that are still in the spill alone. `failed`: the first that cannot be delivered as it is. */
export interface Delivered {
  readonly delivered: number;
  readonly waiting: number;
  readonly failed: Failure | undefined;
}

/**
 * Puts the records that emergencies kept in the spill into the evidence table: byte for byte, each chain in order, what
 * a run did before its proofs and its terminal record last, so that whoever seals meanwhile never sees a run that says
 * more than it shows. Every put is create-only and every mark is written once, so a look that dies half-way is finished
 * by the next one. A record whose place was taken meanwhile is set aside, never dropped.
 */
export async function deliver(deps: Ports): Promise<Delivered> {
  let [delivered, waiting] = [0, 0];
  let failed: Failure | undefined;
  for (const { runId, count } of await deps.spill.waiting()) {
    const done = await deliverRun(deps, runId);
    delivered += done.delivered;
    waiting += count - done.delivered - done.aside;
    failed ??= done.failed;
  }
  return { delivered, waiting, failed };
}

interface RunDelivered {
  readonly delivered: number;
  readonly aside: number;
  readonly failed: Failure | undefined;
}

async function deliverRun(deps: Ports, runId: string): Promise<RunDelivered> {
  let [delivered, aside] = [0, 0];
  let failed: Failure | undefined;
  try {
    const kept = await deps.spill.of(runId);
    const apart = new Set(kept.flatMap(({ state, record }) => (state === 'aside' ? [placeOf(record)] : [])));
    const waiting = kept.flatMap(({ state, record }) => (state === 'waiting' ? [record] : []));
    for (const record of inOrder(waiting)) {
      const told = await deliverOne(deps, record, apart);
      await deps.spill.mark(record, told.as);
      if (told.as === 'delivered') {
        delivered += 1;
        continue;
      }
      aside += 1;
      apart.add(placeOf(record));
      if (told.why === 'foreign') failed ??= setAside(record, told.found);
    }
    return { delivered, aside, failed };
  } catch (error) {
    // The table, or the bucket, takes nothing yet: what waits is there in the next minute.
    if (!(error instanceof Failure)) throw error;
    return { delivered, aside, failed: failed ?? (isStoreDown(error) ? undefined : error) };
  }
}

function placeOf({ chain, seq }: Pick<Sealable, 'chain' | 'seq'>): string {
  return `${chain} ${seq}`;
}

/** What a run did, then what was proven of it, then how it ended. */
function inOrder(records: readonly Sealable[]): readonly Sealable[] {
  return records.toSorted((a, b) => turnOf(a) - turnOf(b) || a.seq - b.seq);
}

function turnOf({ chain, body }: Sealable): number {
  if (chain === 'PROOF') return 1;
  return typeOf(body) === 'RunClosed' ? 2 : 0;
}

type Told =
  | { readonly as: 'delivered' }
  | { readonly as: 'aside'; readonly why: 'own' | 'foreign'; readonly found: string };

/** @throws Failure EvidenceConflict when the record before it is nowhere; what the stores throw */
async function deliverOne(
  { evidence, ledgerId }: Ports,
  record: Sealable,
  apart: ReadonlySet<string>,
): Promise<Told> {
  const said = ownRecord(record, ledgerId);
  if (!said) return { as: 'aside', why: 'foreign', found: 'a body that is no record of its place' };
  const { chain, runId, seq } = record;
  const before = seq === 0 ? undefined : await evidence.get(chain, runId, seq - 1);
  if (seq > 0 && !before) {
    if (!apart.has(placeOf({ chain, seq: seq - 1 }))) throw missing(record);
    return { as: 'aside', why: 'foreign', found: 'the record before it set aside' };
  }
  if (before && prevOf(record.body) !== before.hash)
    return { as: 'aside', why: 'foreign', found: `hash ${before.hash} before it` };
  if ((await evidence.put(record)) === 'stored') return { as: 'delivered' };
  const there = await evidence.get(chain, runId, seq);
  if (there?.hash === record.hash) return { as: 'delivered' };
  const found = there && parseRecord(there.body);
  // A put whose answer was lost, and the same step's second writing of it: the one in the table counts, as in `append`.
  const own = found?.token === said.token && found.type === said.type && found.stage === said.stage;
  return {
    as: 'aside',
    why: own ? 'own' : 'foreign',
    found: `hash ${there?.hash ?? 'of nothing'} in its place`,
  };
}

/** The record, when it is one of this ledger and of the place it was kept under. */
function ownRecord(kept: Sealable, ledgerId: string): EvidenceRecord | undefined {
  if (leafHash(kept.body) !== kept.hash || typeOf(kept.body) === undefined) return undefined;
  const record = parseRecord(kept.body);
  const { chain, runId, seq } = record;
  const own =
    record.ledgerId === ledgerId && chain === kept.chain && runId === kept.runId && seq === kept.seq;
  return own ? record : undefined;
}

function typeOf(body: string): EvidenceRecord['type'] | undefined {
  try {
    return parseRecord(body).type;
  } catch {
    return undefined;
  }
}

function missing({ chain, runId, seq }: Sealable): Failure {
  const message = `Record ${seq} of ${chain}#${runId} waits in the spill, and the record before it is neither there nor in the evidence table. It stays in the spill and nothing of the run is delivered beyond it. Look at: docs/runbooks/evidence-degraded.md`;
  return new Failure('EvidenceConflict', message, 'none');
}

function setAside({ chain, runId, seq, hash }: Sealable, found: string): Failure {
  const message = `Record ${seq} of ${chain}#${runId} of hash ${hash} was kept in the spill and does not fit the chain in the evidence table: found ${found}. It is kept in the bucket under spill/${runId}/ and marked aside. Look at: docs/runbooks/evidence-degraded.md`;
  return new Failure('EvidenceConflict', message, 'none');
}

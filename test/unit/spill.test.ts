import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import type { Sealable } from '../../core/evidence/chain';
import { spillIn } from '../../core/evidence/spill';
import { SpillingEvidence } from '../../core/evidence/spilling';
import { Failure } from '../../core/failure';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Spill } from '../../core/ports/spill';
import { deliver } from '../../lambdas/steps/settle/deliver';
import { LEDGER_ID, rehashed } from '../support/chains';
import { rotation } from '../support/ledger-scene';

const RUN = 'run-a';
const { run, proof } = rotation(RUN);

/** @throws Error when there is none */
function recordAt(seq: number): Sealable {
  const record = run.at(seq);
  if (!record) throw new Error(`there is no record ${seq}`);
  return record;
}

interface Stores {
  readonly evidence: MemoryEvidenceStore;
  readonly objects: MemorySealedStore;
  readonly spill: Spill;
}

/** A table that holds the first records of a run; the others wait in the spill. */
async function degraded(inTable: number): Promise<Stores> {
  const objects = new MemorySealedStore();
  const stores = { evidence: new MemoryEvidenceStore(), objects, spill: spillIn(objects) };
  for (const record of run.slice(0, inTable)) await stores.evidence.put(record);
  for (const record of [...run.slice(inTable), ...proof]) await stores.spill.put(record);
  return stores;
}

const portsOf = ({ evidence, spill }: Pick<Stores, 'evidence' | 'spill'>) => ({
  evidence,
  spill,
  ledgerId: LEDGER_ID,
});

async function tableOf({ evidence }: Stores): Promise<readonly string[]> {
  const chains = [await evidence.read('RUN', RUN), await evidence.read('PROOF', RUN)];
  return chains.flat().map(({ chain, seq, body }) => `${chain} ${seq} ${body}`);
}
const whole = [...run, ...proof].map(({ chain, seq, body }) => `${chain} ${seq} ${body}`);

/** Dies at its nth call to any port, before or after it has had its effect. */
function dying<P extends object>(port: P, calls: { count: number }, at: number, side: 'before' | 'after'): P {
  return new Proxy(port, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        calls.count += 1;
        const here = calls.count === at;
        if (calls.count > at || (here && side === 'before')) throw new Error('the worker was killed');
        const result: unknown = await Reflect.apply(member, target, args);
        if (here) throw new Error('the worker was killed');
        return result;
      };
    },
  });
}

describe('delivering what waits in the spill', () => {
  it('puts every record into the table byte for byte, once', async () => {
    const stores = await degraded(3);
    expect(await deliver(portsOf(stores))).toEqual({ delivered: 12, waiting: 0, failed: undefined });
    expect(await tableOf(stores)).toEqual(whole);
    expect(await deliver(portsOf(stores))).toEqual({ delivered: 0, waiting: 0, failed: undefined });
  });

  it('never shows a terminal record without the proofs it counts, and no chain with a gap', async () => {
    const stores = await degraded(0);
    const order: string[] = [];
    const evidence: Pick<EvidenceStore, 'put' | 'get'> = {
      put: async (record) => {
        order.push(`${record.chain} ${record.seq}`);
        return stores.evidence.put(record);
      },
      get: (...place) => stores.evidence.get(...place),
    };
    await deliver({ evidence, spill: stores.spill, ledgerId: LEDGER_ID });
    const within = run.slice(0, -1).map(({ seq }) => `RUN ${seq}`);
    expect(order).toEqual([...within, 'PROOF 0', 'PROOF 1', 'PROOF 2', `RUN ${run.length - 1}`]);
  });

  it('killed at any port call and repeated, it leaves what one that lived leaves', async () => {
    const calls = { count: 0 };
    const counted = await degraded(2);
    await deliver({
      evidence: dying(counted.evidence, calls, Number.POSITIVE_INFINITY, 'before'),
      spill: dying(counted.spill, calls, Number.POSITIVE_INFINITY, 'before'),
      ledgerId: LEDGER_ID,
    });
    for (let at = 1; at <= calls.count; at += 1) {
      for (const side of ['before', 'after'] as const) {
        const stores = await degraded(2);
        const own = { count: 0 };
        const ports = {
          evidence: dying(stores.evidence, own, at, side),
          spill: dying(stores.spill, own, at, side),
          ledgerId: LEDGER_ID,
        };
        await expect(deliver(ports)).rejects.toThrow('was killed');
        await deliver(portsOf(stores));
        expect(await tableOf(stores)).toEqual(whole);
        expect(await stores.spill.waiting()).toEqual([]);
      }
    }
    process.stdout.write(`delivery: ${calls.count * 2} kill points\n`);
  });

  it('sets records aside whose place was taken and what follows on them, says so, and loses nothing', async () => {
    const stores = await degraded(5);
    const [taken] = run.slice(5, 6).map(rehashed);
    if (taken) await stores.evidence.put(taken);
    const told = await deliver(portsOf(stores));
    expect(told.failed).toMatchObject({
      name: 'EvidenceConflict',
      message: expect.stringContaining('Record 6'),
    });
    const kept = await stores.spill.of(RUN);
    expect(kept.filter(({ state }) => state === 'aside').map(({ record }) => record.seq)).toEqual([
      5, 6, 7, 8, 9, 10, 11,
    ]);
    expect(await deliver(portsOf(stores))).toEqual({ delivered: 0, waiting: 0, failed: undefined });
    expect(await stores.evidence.read('PROOF', RUN)).toHaveLength(proof.length);
    expect(kept.map(({ record }) => record.body)).toEqual(expect.arrayContaining([run[5]?.body]));
  });

  it('takes a record of another ledger, or under another name, for none', async () => {
    const stores = await degraded(run.length);
    const ports = { ...portsOf(stores), ledgerId: 'another' };
    expect((await deliver(ports)).failed).toMatchObject({ name: 'EvidenceConflict' });
    expect(await stores.evidence.read('PROOF', RUN)).toEqual([]);
  });
});

/** A table that answers nothing. */
const down: EvidenceStore = {
  put: async () => refuse(),
  get: async () => refuse(),
  last: async () => refuse(),
  read: async () => refuse(),
};
function refuse(): never {
  throw new Failure('StoreUnavailable', 'The table does not answer. Nothing was changed.', 'none');
}

describe('the evidence of an emergency', () => {
  it('is read whole where all of it waits, and not at all where a part may be in a table that does not answer', async () => {
    const all = await degraded(0);
    expect(await new SpillingEvidence(down, all.spill).read('RUN', RUN)).toHaveLength(run.length);
    const part = await degraded(1);
    const reading = new SpillingEvidence(down, part.spill).read('RUN', RUN);
    await expect(reading).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });

  it('goes on in the spill while a record waits there, so that the table has no gap', async () => {
    const stores = await degraded(1);
    const [next] = rotation('run-b').run;
    const evidence = new SpillingEvidence(stores.evidence, stores.spill);
    const after = { ...recordAt(-1), seq: run.length };
    await evidence.put(after);
    if (next) await evidence.put(next);
    expect(await stores.evidence.read('RUN', RUN)).toHaveLength(1);
    expect(await stores.evidence.read('RUN', 'run-b')).toHaveLength(1);
    expect(await evidence.read('PROOF', RUN)).toHaveLength(proof.length);
  });

  it('asks a table that failed once not again', async () => {
    let asked = 0;
    const counting = { ...down, put: async () => ((asked += 1), refuse()) };
    const evidence = new SpillingEvidence(counting, spillIn(new MemorySealedStore()));
    for (const record of run) expect(await evidence.put(record)).toBe('stored');
    expect(asked).toBe(1);
    expect(await evidence.put(recordAt(0))).toBe('exists');
  });

  it('fails when the spill takes nothing either', async () => {
    const spill = { ...spillIn(new MemorySealedStore()), put: async () => refuse() };
    const putting = new SpillingEvidence(down, spill).put(recordAt(0));
    await expect(putting).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});

import { leafHash, type Sealable } from '../../../core/evidence/chain';
import { RECORD_BYTES, type Chain } from '../../../core/evidence/record';
import type { MakeStores } from './stores';

function record(seq: number, body: string, chain: Chain = 'RUN', runId = 'run-1'): Sealable {
  return { chain, runId, seq, body, hash: leafHash(body) };
}

/** Claims of the evidence store and the policy archive. */
export function describeEvidence(makeStores: MakeStores): void {
  test('a record is stored once; the second writer of a place learns that it is taken and changes nothing', async () => {
    const { evidence } = await makeStores();
    expect(await evidence.put(record(0, '{"a":1}'))).toBe('stored');
    expect(await evidence.put(record(0, '{"a":1}'))).toBe('exists');
    expect(await evidence.put(record(0, '{"a":2}'))).toBe('exists');
    expect(await evidence.get('RUN', 'run-1', 0)).toEqual(record(0, '{"a":1}'));
  });

  test('of 8 writers racing for one place exactly one stores its record', async () => {
    const { evidence } = await makeStores();
    const racers = Array.from({ length: 8 }, (_, racer) => record(0, `{"racer":${racer}}`));
    const results = await Promise.all(racers.map((racer) => evidence.put(racer)));
    expect(results.filter((result) => result === 'stored')).toHaveLength(1);
    expect(await evidence.get('RUN', 'run-1', 0)).toEqual(racers[results.indexOf('stored')]);
  });

  test('a body comes back byte for byte', async () => {
    const { evidence } = await makeStores();
    const body = '{"text":"é 漢 \\u0000 😀  ","number":1e21,"empty":""}';
    await evidence.put(record(0, body));
    expect((await evidence.get('RUN', 'run-1', 0))?.body).toBe(body);
  });

  test('a chain reads in order of seq, past ten records, and its last record is the newest', async () => {
    const { evidence } = await makeStores();
    const seqs = [11, 2, 0, 10, 1, 9];
    for (const seq of seqs) await evidence.put(record(seq, `{"seq":${seq}}`));
    expect((await evidence.read('RUN', 'run-1')).map(({ seq }) => seq)).toEqual([0, 1, 2, 9, 10, 11]);
    expect((await evidence.last('RUN', 'run-1'))?.seq).toBe(11);
    expect((await evidence.read('RUN', 'run-1', 9)).map(({ seq }) => seq)).toEqual([9, 10, 11]);
    expect(await evidence.read('RUN', 'run-1', 12)).toEqual([]);
  });

  test('a chain of more than 1 MB, which one answer of DynamoDB does not hold, reads whole', async () => {
    const { evidence } = await makeStores();
    const seqs = Array.from({ length: 140 }, (_, seq) => seq);
    await Promise.all(seqs.map((seq) => evidence.put(record(seq, String(seq).padEnd(RECORD_BYTES, '.')))));
    expect((await evidence.read('RUN', 'run-1')).map(({ seq }) => seq)).toEqual(seqs);
  });

  test('the RUN and PROOF chains of a run, and the chains of other runs, are apart', async () => {
    const { evidence } = await makeStores();
    await evidence.put(record(0, '{"chain":"run"}'));
    expect(await evidence.put(record(0, '{"chain":"proof"}', 'PROOF'))).toBe('stored');
    expect(await evidence.put(record(0, '{"run":2}', 'RUN', 'run-11'))).toBe('stored');
    expect(await evidence.read('PROOF', 'run-1')).toEqual([record(0, '{"chain":"proof"}', 'PROOF')]);
    expect(await evidence.read('RUN', 'run-1')).toHaveLength(1);
  });

  test('what was never written is undefined, not an error', async () => {
    const { evidence, archive } = await makeStores();
    expect(await evidence.get('RUN', 'nobody', 0)).toBeUndefined();
    expect(await evidence.last('RUN', 'nobody')).toBeUndefined();
    expect(await evidence.read('RUN', 'nobody')).toEqual([]);
    expect(await archive.get('b'.repeat(64))).toBeUndefined();
  });

  test('a policy body is archived once', async () => {
    const { archive } = await makeStores();
    const sha = 'c'.repeat(64);
    expect(await archive.put(sha, '{"id":"payments-db"}')).toBe('stored');
    expect(await archive.put(sha, '{"id":"other"}')).toBe('exists');
    expect(await archive.get(sha)).toBe('{"id":"payments-db"}');
  });
}

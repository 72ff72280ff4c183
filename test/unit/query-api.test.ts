import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryLedgerIndex } from '../../adapters/memory/ledger-index';
import { MemoryPolicyArchive } from '../../adapters/memory/policy-archive';
import { memoryRegistry } from '../../adapters/memory/registry';
import { emptyTables } from '../../adapters/memory/registry/tables';
import { sha256 } from '../../core/ledger/hash';
import { lapsed } from '../../core/query/lapsed';
import { query, type QueryDeps } from '../../lambdas/api/query';
import { after, flipped, START } from '../support/chains';
import { enrolment } from '../contract/store-suite/stores';
import { reviewRunOf, runOf, writeRun } from '../support/query-runs';
import { alice } from '../support/approval-scene';

const NOW = after(40 * 86_400);

function stores() {
  const tables = emptyTables();
  return {
    now: () => Date.parse(NOW),
    registry: memoryRegistry(tables),
    evidence: new MemoryEvidenceStore(),
    archive: new MemoryPolicyArchive(),
    index: memoryLedgerIndex(tables),
    sealed: undefined,
    spill: undefined,
  };
}

const ask = (deps: QueryDeps, method: string, path: string, body: object) =>
  query(deps, { method, path: path.split('/'), principal: alice, body: JSON.stringify(body) });

const listed = (deps: QueryDeps) => ask(deps, 'POST', 'evidence', { glass: 'broken', limit: 5 });

describe('the query URL', () => {
  it('answers with rows, page by page', async () => {
    const deps = stores();
    for (const n of [1, 2, 3]) await writeRun(deps, runOf({ runId: `run-${n}`, at: n, ends: 'verified' }));
    const first = await ask(deps, 'POST', 'runs', { identityId: 'orders-db', limit: 2 });
    expect(first).toMatchObject({
      runs: [{ runId: 'run-3' }, { runId: 'run-2' }],
      next: `${after(2)}#run-2`,
    });
    const rest = await ask(deps, 'POST', 'runs', { limit: 2, after: `${after(2)}#run-2` });
    expect(rest).toMatchObject({ runs: [{ runId: 'run-1' }], next: null });
  });

  it.each([
    { since: '2026-01-01T00:00:00Z', until: '2026-01-01T00:00:01Z' },
    { since: '2026-01-01T00:00:00.5Z', until: '2026-01-01T00:00:00.700001Z' },
  ])('means the same moments by $since and $until, however precise they are written', async (asked) => {
    const deps = stores();
    const offset = (Date.parse('2026-01-01T00:00:00.600Z') - Date.parse(START)) / 1_000;
    await writeRun(deps, runOf({ runId: 'within', at: offset, ends: 'verified' }));
    await writeRun(deps, runOf({ runId: 'after', at: offset + 1, ends: 'verified' }));
    const answered = await ask(deps, 'POST', 'runs', { ...asked, limit: 5 });
    expect(answered).toMatchObject({ runs: [{ runId: 'within' }], next: null });
  });

  it.each([
    { method: 'GET', path: 'runs', body: {}, name: 'MethodRefused', says: 'want one of POST /runs' },
    { method: 'POST', path: 'policies', body: {}, name: 'MethodRefused', says: 'is not served here' },
    { method: 'POST', path: 'runs/run-1', body: {}, name: 'MethodRefused', says: 'is not served here' },
    { method: 'POST', path: 'runs', body: { limit: 5_000 }, name: 'InvalidInput', says: 'limit: got 5000' },
    {
      method: 'POST',
      path: 'evidence',
      body: { limit: 5, after: 'x' },
      name: 'InvalidInput',
      says: 'after: got "x"',
    },
    {
      method: 'POST',
      path: 'census',
      body: { scan: true },
      name: 'InvalidInput',
      says: 'scan: is not a known field',
    },
    {
      method: 'POST',
      path: 'census',
      body: { since: 'now' },
      name: 'InvalidInput',
      says: 'since: got "now"',
    },
  ])('refuses $method /$path $body', async ({ method, path, body, name, says }) => {
    const refused = ask(stores(), method, path, body);
    await expect(refused).rejects.toMatchObject({ name, message: expect.stringContaining(says) });
  });
});

describe('the review of a broken glass', () => {
  const glass = { type: 'breakGlass', id: 'AROA1:carol', assurance: 'verified' } as const;
  const bob = { type: 'person', id: 'AROA2:bob', assurance: 'verified' } as const;
  const emergency = runOf({ runId: 'emergency', at: 1, ends: 'aborted', kind: 'revocation', actor: glass });
  const done = reviewRunOf({ runId: 'its-review', at: 9, about: 'emergency', actor: bob });

  it('is done by the run that records it', async () => {
    const deps = stores();
    for (const chains of [emergency, done]) await writeRun(deps, chains);
    expect(await listed(deps)).toMatchObject({
      runs: [{ runId: 'emergency', wrong: [], review: { state: 'done', runId: 'its-review' } }],
    });
  });

  it('is not done by a row of the index that no record stands behind, and that row is named', async () => {
    const [deps, others] = [stores(), stores()];
    await writeRun(deps, emergency);
    await writeRun(others, done);
    const row = await others.registry.summary('its-review');
    if (row) await deps.registry.putSummary(row);
    expect(await listed(deps)).toMatchObject({
      runs: [
        {
          wrong: [expect.stringMatching(/^RUN#its-review SUMMARY .* found no record$/)],
          review: { state: 'none', runId: null },
        },
      ],
    });
  });
});

const rotated = { rotation: { every: '30d' } };
const still = { revocation: { within: '1h' } };
const bodyOf = (id: string, policy: object) => JSON.stringify({ id, ...policy });

/** Identities under these policies, each with its last rotation so many days before now. */
async function asked(given: readonly { id: string; policy: object; days?: number; broken?: 'yes' }[]) {
  const deps = stores();
  for (const { id, policy, days, broken } of given) {
    const body = bodyOf(id, policy);
    const policySha256 = sha256(body);
    await deps.archive.put(policySha256, body);
    await deps.registry.enrol(enrolment(id, { policySha256 }));
    if (days === undefined) continue;
    const at = (40 - days) * 86_400;
    const chains = runOf({ runId: `of-${id}`, at, ends: 'verified', identity: id });
    const run = broken ? chains.run.map((record, seq) => (seq === 3 ? flipped(record) : record)) : chains.run;
    await writeRun(deps, { ...chains, run });
  }
  return lapsed(deps, NOW);
}

describe('lapsed identities', () => {
  it('are those whose last verified rotation is older than their policy allows, or was never', async () => {
    const answer = await asked([
      { id: 'within', policy: rotated, days: 10 },
      { id: 'too-old', policy: rotated, days: 31 },
      { id: 'never', policy: rotated },
      { id: 'not-rotated', policy: still },
    ]);
    expect(answer).toMatchObject({ at: NOW, identities: 4, withoutRotation: 1 });
    expect(answer.lapsed.map(({ identityId, why }) => [identityId, why])).toEqual([
      ['never', 'it was never rotated'],
      ['too-old', `its last rotation was verified at ${after(9 * 86_400 + 60)}`],
    ]);
  });

  it('are those whose rotation does not verify, whatever the index says', async () => {
    const { lapsed: found } = await asked([{ id: 'edited', policy: rotated, days: 1, broken: 'yes' }]);
    expect(found).toMatchObject([
      { identityId: 'edited', why: expect.stringContaining('RUN#of-edited seq 3') },
    ]);
  });

  it('are those whose policy is not the one that was kept', async () => {
    const deps = stores();
    await deps.registry.enrol(enrolment('orders-db', { policySha256: sha256(bodyOf('orders-db', rotated)) }));
    await deps.archive.put(sha256(bodyOf('orders-db', rotated)), bodyOf('orders-db', still));
    expect((await lapsed(deps, START)).lapsed).toMatchObject([
      { why: expect.stringContaining('was changed') },
    ]);
  });

  it('are those whose row names the policy of another identity, which may ask for no rotation', async () => {
    const deps = stores();
    const other = bodyOf('reports-db', still);
    await deps.archive.put(sha256(other), other);
    await deps.registry.enrol(enrolment('orders-db', { policySha256: sha256(other) }));
    expect(await lapsed(deps, START)).toMatchObject({
      withoutRotation: 0,
      lapsed: [{ identityId: 'orders-db', why: expect.stringContaining('which is of reports-db') }],
    });
  });
});

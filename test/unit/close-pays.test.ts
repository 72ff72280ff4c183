import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { MemoryNotices } from '../../adapters/memory/notices';
import { MemoryPolicies } from '../../adapters/memory/policies';
import { memoryRegistry } from '../../adapters/memory/registry';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { headAfter } from '../../core/evidence/chain';
import { spillIn } from '../../core/evidence/spill';
import { compilePolicies } from '../../core/policy/document';
import { parsePolicy } from '../../core/policy/parse';
import type { Obligation } from '../../core/ports/registry';
import { blankState } from '../../lambdas/steps/begin/state';
import { close } from '../../lambdas/steps/close/run';
import { after, chainOf, intended, judged, LEDGER_ID, made, opened, RUN_ID, START } from '../support/chains';
import { unreachedPolicy } from '../support/unreached-policy';
import { enrolment } from '../contract/store-suite/stores';

const ID = 'orders-db';

const owed = (change: Pick<Obligation, 'type' | 'by'>): Obligation => ({
  identityId: ID,
  versionId: 'old',
  remoteId: 'orders_app',
  runId: change.by === 'rotation' ? RUN_ID : 'the-emergency',
  openedAt: START,
  deadline: after(300),
  nextAttemptAt: after(60),
  attempts: 0,
  why: 'it has to go',
  ...change,
});

/** A rotation that has proven and removed everything, and is about to close. */
async function provenRotation() {
  const policies = compilePolicies([parsePolicy(unreachedPolicy(ID), 'orders.yaml')]);
  const deps = {
    registry: memoryRegistry(),
    evidence: new MemoryEvidenceStore(),
    spill: spillIn(new MemorySealedStore()),
    policies: new MemoryPolicies(policies),
    notices: new MemoryNotices(),
    now: () => Date.parse(after(100)),
    ledgerId: LEDGER_ID,
    code: { functionName: 'test', version: '1', bundle: 'none' },
  };
  await deps.registry.enrol({ ...enrolment(ID), id: ID });
  const stages = ['Mint', 'Promote', 'Retire'].flatMap((stage) => [intended(stage), made(stage, after(20))]);
  const removed = made('Remove', after(40), { versionId: 'old', effect: 'alreadySo' });
  const run = chainOf('RUN', [opened(), ...stages, removed]);
  const proof = chainOf('PROOF', [
    judged('ConfirmNew', { versionId: 'new' }),
    judged('ProveOld', { versionId: 'old' }),
  ]);
  for (const record of [...run, ...proof]) await deps.evidence.put(record);
  const row = await deps.registry.identity(ID);
  const end = run.at(-1);
  if (!row || !end) throw new Error('nothing to close');
  const state = { ...blankState(row, RUN_ID, START, 1), kind: 'rotation' as const };
  return { deps, state: { ...state, ...headAfter(end), candidate: 'new', superseded: 'old' } };
}

describe('closing a rotation that is verified', () => {
  it('pays what it owes itself', async () => {
    const { deps, state } = await provenRotation();
    await deps.registry.openObligation(owed({ type: 'refusal', by: 'rotation' }));
    await close(deps, state);
    expect(await deps.registry.obligationsOf(ID)).toEqual([]);
  });

  it.each(['refusal', 'removal'] as const)(
    'pays no %s that an emergency demands of the same version meanwhile: it rests on other proofs',
    async (type) => {
      const { deps, state } = await provenRotation();
      const demanded = owed({ type, by: 'revocation' });
      await deps.registry.openObligation(demanded);
      await close(deps, state);
      expect((await deps.registry.summary(RUN_ID))?.outcome).toBe('verified');
      expect(await deps.registry.obligationsOf(ID)).toEqual([demanded]);
    },
  );
});

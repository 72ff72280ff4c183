import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { MemoryNotices } from '../../adapters/memory/notices';
import { MemoryPolicies } from '../../adapters/memory/policies';
import { memoryRegistry } from '../../adapters/memory/registry';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { headAfter } from '../../core/evidence/chain';
import { spillIn } from '../../core/evidence/spill';
import { Failure } from '../../core/failure';
import { compilePolicies } from '../../core/policy/document';
import { parsePolicy } from '../../core/policy/parse';
import type { Spill } from '../../core/ports/spill';
import { blankState } from '../../lambdas/steps/begin/state';
import { closeFailed } from '../../lambdas/steps/close/failed';
import { changesOf } from '../../lambdas/steps/contain/changes';
import { inEmergency } from '../../lambdas/steps/emergency';
import { deliver } from '../../lambdas/steps/settle/deliver';
import { enrolment } from '../contract/store-suite/stores';
import { after, chainOf, intended, LEDGER_ID, made, opened, RUN_ID, START } from '../support/chains';
import { unreachedPolicy } from '../support/unreached-policy';

const ID = 'orders-db';
const run = chainOf('RUN', [
  opened({ kind: 'revocation' }),
  intended('Contain'),
  made('Contain', after(2), { versionId: 'new' }),
]);

/** An emergency whose first record is in the table; what it did waits in a bucket that cannot be read any more. */
async function unread() {
  const spill = spillIn(new MemorySealedStore());
  const away: Spill = {
    ...spill,
    of: async () => {
      throw new Failure('StoreUnavailable', 'The bucket does not answer. Nothing was changed.', 'none');
    },
  };
  const deps = {
    registry: memoryRegistry(),
    evidence: new MemoryEvidenceStore(),
    policies: new MemoryPolicies(compilePolicies([parsePolicy(unreachedPolicy(ID), 'orders.yaml')])),
    notices: new MemoryNotices(),
    now: () => Date.parse(after(100)),
    ledgerId: LEDGER_ID,
    code: { functionName: 'test', version: '1', bundle: 'none' },
  };
  await deps.registry.enrol({ ...enrolment(ID), id: ID });
  const [first, ...later] = run;
  if (first) await deps.evidence.put(first);
  for (const record of later) await spill.put(record);
  const row = await deps.registry.identity(ID);
  const end = run.at(-1);
  if (!row || !end) throw new Error('nothing to go on with');
  const state = { ...blankState(row, RUN_ID, START, 1), kind: 'revocation' as const, ...headAfter(end) };
  return { deps, spill, emergency: inEmergency({ ...deps, spill: away }), state };
}

/** What arrived of the run once the bucket answers again. */
async function arrived({ deps, spill }: Awaited<ReturnType<typeof unread>>): Promise<readonly string[]> {
  expect(await deliver({ ...deps, spill })).toMatchObject({ waiting: 0, failed: undefined });
  return (await deps.evidence.read('RUN', RUN_ID)).map(({ body }) => body);
}

describe('while records of an emergency wait in a bucket that cannot be read', () => {
  it('its run is not closed in their place', async () => {
    const scene = await unread();
    const failure = { Error: 'TargetUnreachable', Cause: 'The target did not answer.' };
    const closing = closeFailed(scene.emergency, RUN_ID, failure);
    await expect(closing).rejects.toMatchObject({ name: 'StoreUnavailable', effect: 'none' });
    expect(await arrived(scene)).toEqual(run.map(({ body }) => body));
  });

  it('containing goes on behind them, and they arrive where they belong', async () => {
    const scene = await unread();
    const changes = await changesOf(scene.emergency, { ...scene.state, round: 2 }, 'Contain', []);
    await changes.make({ versionId: 'new', change: 'contain' }, async () => ({ effect: 'alreadySo' }));
    expect(changes.run().seq).toBe(run.length + 2);
    expect((await arrived(scene)).slice(0, run.length)).toEqual(run.map(({ body }) => body));
  });
});

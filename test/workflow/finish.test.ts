import type { Obligation } from '../../core/ports/registry';
import { closing } from '../../core/run/closing';
import { finish } from '../../lambdas/steps/close/finish';
import { payments } from '../../lambdas/steps/settle/payments';
import { dueList } from '../../lambdas/steps/sweep/due-list';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { chainOf, factsOf, intended, made, opened, RUN_ID, type Entry } from '../support/chains';
import { sharedAssembly } from '../support/assembly';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { quietSteps } from '../support/quiet';
import { unreachedPolicy } from '../support/unreached-policy';

quietSteps();

const ID = 'orders-db';
const DAY_MS = 24 * 60 * 60_000;

let app: MemoryApp;
beforeAll(async () => void (await sharedAssembly()), 180_000);
beforeEach(async () => {
  app = await memoryApp([unreachedPolicy(ID)]);
  await enrol(app.deps);
});
afterEach(async () => app.stop());

const iso = (ms: number) => new Date(ms).toISOString();
const row = async () => app.deps.registry.identity(ID);

/** The records of a verified rotation that closes now. */
function verified(change: Parameters<typeof opened>[0], between: readonly Entry[] = []) {
  const facts = { run: [], proof: [], heads: { proofSeq: 0, proofPrev: '0'.repeat(64) } };
  const statement = { ...closing(facts, undefined, []), outcome: 'verified' } as const;
  const close = { stage: 'Close', at: iso(app.clock.now()), statement };
  const chain = chainOf('RUN', [opened({ slot: null, ...change }), ...between, close]);
  return { run: factsOf(chain, []).run };
}

async function revoked(runId: string): Promise<void> {
  const claimed = {
    runId,
    executionArn: 'none',
    claimedAt: iso(app.clock.now()),
    kind: 'revocation',
  } as const;
  const { fence } = (await app.deps.registry.claimLease(ID, claimed)).row;
  await app.deps.registry.setRevoked(ID, fence, { runId, at: iso(app.clock.now()) });
  await app.deps.registry.releaseLease(ID, runId);
}

const execution = { id: 'sweep', name: 'sweep', startTime: '2026-03-01T00:00:00Z', redriveCount: 0 };

describe('a rotation that was started by hand and closed as verified', () => {
  it('moves the next slot once, though its closing is finished again after the next slot has come', async () => {
    await app.clock.advance(31 * DAY_MS);
    const story = verified({ trigger: 'manual' });
    await finish(app.deps, story);
    const moved = (await row())?.slot;
    // A revocation takes the identity off the list once that slot is due.
    await revoked('the-emergency');
    await app.clock.advance(61 * DAY_MS);
    await dueList(app.deps, execution);
    expect(await row()).toMatchObject({ slot: moved, dueAt: undefined });
    await finish(app.deps, story);
    expect((await row())?.slot).toBe(moved);
  });
});

const removal = (versionId: string, remoteId: string): Obligation => ({
  identityId: ID,
  versionId,
  remoteId,
  type: 'removal',
  by: 'revocation',
  runId: 'the-emergency',
  openedAt: iso(app.clock.now()),
  deadline: undefined,
  nextAttemptAt: iso(app.clock.now()),
  attempts: 0,
  why: 'it owns something',
});

describe('a reissue that was verified', () => {
  it('pays the removals of the principals it has proven, and what is left goes on being owed and tried', async () => {
    await revoked('the-emergency');
    const { registry } = app.deps;
    for (const owed of [removal('v1', 'carries'), removal('v2', 'replaced'), removal('v3', 'another')])
      await registry.openObligation(owed);
    const lease = { runId: RUN_ID, executionArn: 'none', claimedAt: iso(app.clock.now()) };
    await registry.claimLease(ID, { ...lease, kind: 'rotation' });
    const now = iso(app.clock.now());
    await finish(
      app.deps,
      verified({ trigger: 'reissue', about: 'the-emergency' }, [
        intended('Mint'),
        made('Mint', now, { remoteId: 'carries' }),
        intended('Remove'),
        made('Remove', now, { versionId: 'v9', remoteId: 'replaced' }),
      ]),
    );
    expect((await row())?.revoked).toBeUndefined();
    const left = await registry.obligationsOf(ID);
    expect(left).toMatchObject([{ remoteId: 'another', type: 'removal', by: 'revocation' }]);
    // By itself: containing everything again would revoke what was reissued.
    expect(await payments(app.deps, left)).toEqual([{ owed: left[0], demandedBy: undefined }]);
  });
});

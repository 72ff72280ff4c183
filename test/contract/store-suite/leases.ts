import * as fc from 'fast-check';
import type { Registry } from '../../../core/ports/registry';
import { enrolment, leaseOf, type MakeStores } from './stores';

const id = 'payments-db';
const now = '2026-03-01T00:00:00.000Z';
const until = '2026-03-01T00:00:30.000Z';
const later = '2026-03-01T00:01:00.000Z';

async function enrolled(makeStores: MakeStores): Promise<Registry> {
  const { registry } = await makeStores();
  await registry.enrol(enrolment(id));
  return registry;
}

/** Claims about leases, fences and workers that act under them. */
export function describeLeases(makeStores: MakeStores): void {
  describeOwnership(makeStores);
  describeTakeover(makeStores);
  describePreemption(makeStores);
  describeFencedWrites(makeStores);
}

function describeOwnership(makeStores: MakeStores): void {
  test('of 8 runs racing for an identity one gets it, and the others learn who holds it', async () => {
    const registry = await enrolled(makeStores);
    const runs = Array.from({ length: 8 }, (_, racer) => `run-${racer}`);
    const claims = await Promise.all(runs.map((run) => registry.claimLease(id, leaseOf(run))));
    const winner = runs[claims.findIndex(({ heldBy }) => heldBy === undefined)] ?? 'nobody';
    const row = await registry.identity(id);
    expect(row).toMatchObject({ fence: 1, lease: leaseOf(winner) });
    expect(claims).toEqual(runs.map((run) => (run === winner ? { row } : { row, heldBy: leaseOf(winner) })));
  });

  test('the same run claiming again gets its fence back', async () => {
    const registry = await enrolled(makeStores);
    const again = await Promise.all([1, 2, 3].map(() => registry.claimLease(id, leaseOf('run-1'))));
    const row = await registry.identity(id);
    expect(row).toMatchObject({ fence: 1 });
    expect(again).toEqual([{ row }, { row }, { row }]);
  });

  test('in any order of claims and releases one run at a time holds, and fences only rise', async () => {
    const moves = fc.array(
      fc.record({ run: fc.constantFrom('a', 'b', 'c'), move: fc.constantFrom('claim', 'release') }),
    );
    const property = fc.asyncProperty(moves, async (plan) => {
      const registry = await enrolled(makeStores);
      let holder: string | undefined;
      let fence = 0;
      for (const { run, move } of plan) {
        if (move === 'release') {
          await registry.releaseLease(id, run);
          if (holder === run) holder = undefined;
          continue;
        }
        if (holder === undefined) fence += 1;
        holder ??= run;
        const row = { fence, lease: leaseOf(holder) };
        const expected = holder === run ? { row } : { row, heldBy: leaseOf(holder) };
        expect(await registry.claimLease(id, leaseOf(run))).toMatchObject(expected);
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });

  test('a lease that is given back stays given back, whoever else gives back', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    await registry.releaseLease(id, 'run-2');
    expect(await registry.claimLease(id, leaseOf('run-2'))).toMatchObject({ heldBy: leaseOf('run-1') });
    await registry.releaseLease(id, 'run-1');
    await registry.releaseLease(id, 'run-1');
    expect(await registry.claimLease(id, leaseOf('run-2'))).toMatchObject({ row: { fence: 2 } });
  });

  test('nobody can claim an identity that is not enrolled', async () => {
    const { registry } = await makeStores();
    const claim = registry.claimLease('nobody', leaseOf('run-1'));
    await expect(claim).rejects.toMatchObject({ name: 'UnknownIdentity', effect: 'none' });
  });
}

function describeTakeover(makeStores: MakeStores): void {
  test('taking a dead run over raises the fence once for each execution that does', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    expect(await registry.takeOverLease(id, 'run-1', 'arn:settle-1')).toEqual({ fence: 2 });
    expect(await registry.takeOverLease(id, 'run-1', 'arn:settle-1')).toEqual({ fence: 2 });
    expect(await registry.takeOverLease(id, 'run-1', 'arn:settle-2')).toEqual({ fence: 3 });
    expect((await registry.identity(id))?.lease).toEqual({
      ...leaseOf('run-1'),
      executionArn: 'arn:settle-2',
    });
  });

  test('a lease of another run, or of none, is not taken over', async () => {
    const registry = await enrolled(makeStores);
    const lost = { name: 'FenceLost', effect: 'none' };
    await expect(registry.takeOverLease(id, 'run-1', 'arn:settle')).rejects.toMatchObject(lost);
    await registry.claimLease(id, leaseOf('run-2'));
    await expect(registry.takeOverLease(id, 'run-1', 'arn:settle')).rejects.toMatchObject(lost);
    expect((await registry.identity(id))?.fence).toBe(1);
  });
}

const emergency = (runId: string) => ({ ...leaseOf(runId), kind: 'revocation' as const });

function describePreemption(makeStores: MakeStores): void {
  test('a revocation takes the identity away, and learns until when the worker before may be acting', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    await registry.claimBusy(id, { fence: 1, stage: 'Mint', now, until });
    const taken = { fence: 2, notBefore: until };
    expect(await registry.preemptLease(id, emergency('revocation-1'))).toEqual(taken);
    expect(await registry.preemptLease(id, emergency('revocation-1'))).toEqual(taken);
    await registry.claimBusy(id, { fence: 2, stage: 'Contain', now, until });
    const late = registry.setVersions(id, 1, []);
    await expect(late).rejects.toMatchObject({ name: 'FenceLost', effect: 'none' });
    await registry.releaseLease(id, 'run-1');
    expect((await registry.identity(id))?.lease).toMatchObject({ runId: 'revocation-1' });
  });

  test('the time of the worker before is known to every revocation after it, and a later one counts', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    await registry.claimBusy(id, { fence: 1, stage: 'Mint', now, until });
    await registry.preemptLease(id, emergency('revocation-1'));
    await registry.releaseLease(id, 'revocation-1');
    expect(await registry.preemptLease(id, emergency('revocation-2'))).toEqual({
      fence: 3,
      notBefore: until,
    });
    await registry.claimBusy(id, { fence: 3, stage: 'Contain', now, until: later });
    await registry.releaseLease(id, 'revocation-2');
    expect(await registry.preemptLease(id, emergency('revocation-3'))).toEqual({
      fence: 4,
      notBefore: later,
    });
    await registry.releaseLease(id, 'revocation-3');
    expect((await registry.identity(id))?.actingUntil).toBe(later);
  });

  test('of revocations of one identity the first keeps it', async () => {
    const registry = await enrolled(makeStores);
    const names = ['revocation-1', 'revocation-2', 'revocation-3'];
    const claims = await Promise.all(names.map((name) => registry.preemptLease(id, emergency(name))));
    expect(claims.filter((claim) => 'fence' in claim)).toEqual([{ fence: 1, notBefore: undefined }]);
  });

  test('an identity is revoked, and no more, under the fence', async () => {
    const registry = await enrolled(makeStores);
    const revoked = { runId: 'revocation-1', at: now };
    await registry.preemptLease(id, emergency('revocation-1'));
    await registry.setRevoked(id, 1, revoked);
    await registry.enrol(enrolment(id));
    expect((await registry.identity(id))?.revoked).toEqual(revoked);
    await expect(registry.setRevoked(id, 0, undefined)).rejects.toMatchObject({ name: 'FenceLost' });
    await registry.setRevoked(id, 1, undefined);
    expect((await registry.identity(id))?.revoked).toBeUndefined();
  });
}

function describeFencedWrites(makeStores: MakeStores): void {
  test('while one worker acts a second one is told to wait, until the first is done', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    const claims = Array.from({ length: 4 }, () =>
      registry.claimBusy(id, { fence: 1, stage: 'Mint', now, until }),
    );
    const settled = await Promise.allSettled(claims);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const waiting = registry.claimBusy(id, { fence: 1, stage: 'Undo', now, until });
    await expect(waiting).rejects.toMatchObject({ name: 'StepBusy', effect: 'none' });
    await registry.releaseBusy(id, 1);
    await registry.claimBusy(id, { fence: 1, stage: 'Undo', now, until });
    expect(await registry.identity(id)).toMatchObject({ busyUntil: until, busyStage: 'Undo' });
  });

  test('a worker that never came back is waited for until its time is over', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    await registry.claimBusy(id, { fence: 1, stage: 'Mint', now, until });
    await registry.claimBusy(id, { fence: 1, stage: 'Mint', now: until, until: '2026-03-01T00:01:00.000Z' });
    expect((await registry.identity(id))?.busyUntil).toBe('2026-03-01T00:01:00.000Z');
  });

  test('a worker under an old fence can neither start, nor write versions, nor end the new one’s claim', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    await registry.takeOverLease(id, 'run-1', 'arn:settle');
    await registry.claimBusy(id, { fence: 2, stage: 'Undo', now, until });
    const before = await registry.identity(id);
    const lost = { name: 'FenceLost', effect: 'none' };
    const late = {
      fence: 1,
      stage: 'Mint',
      now: '2026-03-02T00:00:00.000Z',
      until: '2026-03-02T00:00:30.000Z',
    };
    await expect(registry.claimBusy(id, late)).rejects.toMatchObject(lost);
    await expect(registry.setVersions(id, 1, [])).rejects.toMatchObject(lost);
    await registry.releaseBusy(id, 1);
    expect(await registry.identity(id)).toEqual(before);
  });

  test('versions are replaced as a whole under the fence', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    const versions = [
      {
        versionId: 'v2',
        remoteId: 'app_b',
        stage: 'AWSCURRENT' as const,
        runId: 'run-1',
        fingerprint: 'f'.repeat(32),
      },
      { versionId: 'v1', remoteId: 'app_a', stage: 'AWSPREVIOUS' as const, refusedSince: now },
    ];
    await registry.setVersions(id, 1, versions);
    expect((await registry.identity(id))?.versions).toStrictEqual(versions);
  });

  test('a claim ends with the versions that its worker leaves, and under an old fence neither is written', async () => {
    const registry = await enrolled(makeStores);
    await registry.claimLease(id, leaseOf('run-1'));
    const claimed = await registry.claimBusy(id, { fence: 1, stage: 'Promote', now, until });
    const versions = [{ versionId: 'v2', remoteId: 'app_b', stage: 'AWSCURRENT' as const }];
    const late = registry.releaseBusy(id, 0, versions);
    await expect(late).rejects.toMatchObject({ name: 'FenceLost', effect: 'none' });
    expect(await registry.identity(id)).toEqual(claimed);
    await registry.releaseBusy(id, 1, versions);
    expect(await registry.identity(id)).toEqual({
      ...claimed,
      versions,
      busyUntil: undefined,
      busyStage: undefined,
    });
  });

  test('guarded writes to an identity that is not enrolled name it', async () => {
    const { registry } = await makeStores();
    const unknown = { name: 'UnknownIdentity', message: expect.stringContaining('nobody') };
    await expect(registry.setVersions('nobody', 0, [])).rejects.toMatchObject(unknown);
    const claim = registry.claimBusy('nobody', { fence: 0, stage: 'Mint', now, until });
    await expect(claim).rejects.toMatchObject(unknown);
  });
}

import { enrolment, obligation, type MakeStores } from './stores';

const inOneHour = '2026-03-01T01:00:00.000Z';
const far = '2099-01-01T00:00:00.000Z';

/** Claims about what is owed. */
export function describeObligations(makeStores: MakeStores): void {
  test('an obligation stays as it was opened, and opening it again changes nothing', async () => {
    const { registry } = await makeStores();
    await registry.openObligation(obligation());
    await registry.openObligation(obligation({ runId: 'run-9', attempts: 9, nextAttemptAt: far }));
    expect(await registry.obligationsOf('payments-db')).toStrictEqual([obligation()]);
  });

  test('a row and what it owes are read together; what is not known has neither', async () => {
    const { registry } = await makeStores();
    await registry.enrol(enrolment('payments-db'));
    const row = await registry.identity('payments-db');
    expect(await registry.standing('payments-db')).toStrictEqual({ row, owed: [] });
    await registry.openObligation(obligation());
    await registry.openObligation(obligation({ type: 'removal' }));
    await registry.openObligation(obligation({ identityId: 'orders-db' }));
    const owed = await registry.obligationsOf('payments-db');
    expect(await registry.standing('payments-db')).toStrictEqual({ row, owed });
    expect(await registry.standing('nobody')).toStrictEqual({ row: undefined, owed: [] });
  });

  test('a version may owe a refusal and a removal at once; identities are apart', async () => {
    const { registry } = await makeStores();
    await registry.openObligation(obligation());
    await registry.openObligation(
      obligation({ type: 'removal', deadline: undefined, nextAttemptAt: inOneHour }),
    );
    await registry.openObligation(obligation({ identityId: 'orders-db' }));
    expect((await registry.obligationsOf('payments-db')).map(({ type }) => type)).toEqual([
      'refusal',
      'removal',
    ]);
    expect((await registry.obligationsOf('payments-db'))[1]).toMatchObject({ deadline: undefined });
    expect(await registry.openObligations(10)).toHaveLength(3);
    expect(await registry.openObligations(2)).toHaveLength(2);
  });

  test('due obligations come by their next attempt, oldest first, up to the limit', async () => {
    const { registry } = await makeStores();
    const minutes = [40, 10, 30, 20, 50];
    for (const minute of minutes) {
      const nextAttemptAt = `2026-03-01T00:${minute}:00.000Z`;
      await registry.openObligation(obligation({ identityId: `owes-at-${minute}`, nextAttemptAt }));
    }
    const due = async (now: string, limit: number) =>
      (await registry.dueObligations(now, limit)).map(({ identityId }) => identityId);
    expect(await due('2026-03-01T00:40:00.000Z', 10)).toEqual([
      'owes-at-10',
      'owes-at-20',
      'owes-at-30',
      'owes-at-40',
    ]);
    expect(await due(inOneHour, 2)).toEqual(['owes-at-10', 'owes-at-20']);
    expect(await due('2026-03-01T00:00:00.000Z', 10)).toEqual([]);
  });

  test('postponing counts the attempt once, however often the call is delivered', async () => {
    const { registry } = await makeStores();
    await registry.openObligation(obligation());
    await registry.postponeObligation(obligation(), inOneHour);
    await registry.postponeObligation(obligation(), inOneHour);
    expect(await registry.dueObligations('2026-03-01T00:30:00.000Z', 10)).toEqual([]);
    const postponed = obligation({ attempts: 1, nextAttemptAt: inOneHour });
    expect(await registry.dueObligations(inOneHour, 10)).toStrictEqual([postponed]);
  });

  test('postponing keeps which run first saw the refusal, and forgets it where the run given is none', async () => {
    const { registry } = await makeStores();
    await registry.openObligation(obligation());
    await registry.postponeObligation(obligation({ refusedIn: 'run-1' }), inOneHour);
    const seen = obligation({ attempts: 1, nextAttemptAt: inOneHour, refusedIn: 'run-1' });
    expect(await registry.obligationsOf('payments-db')).toStrictEqual([seen]);
    await registry.postponeObligation(obligation({ attempts: 1 }), inOneHour);
    const unseen = obligation({ attempts: 2, nextAttemptAt: inOneHour });
    expect(await registry.obligationsOf('payments-db')).toStrictEqual([unseen]);
  });

  test('what a revocation demands replaces what a rotation did, and is paid by nobody else', async () => {
    const { registry } = await makeStores();
    const demanded = obligation({ by: 'revocation', runId: 'revocation-1', why: 'revoked' });
    await registry.openObligation(obligation());
    await registry.openObligation(demanded);
    await registry.openObligation(obligation());
    await registry.openObligation({ ...demanded, runId: 'revocation-2' });
    await registry.payObligation(obligation());
    expect(await registry.obligationsOf('payments-db')).toStrictEqual([demanded]);
    await registry.payObligation(demanded);
    expect(await registry.obligationsOf('payments-db')).toEqual([]);
  });

  test('a paid obligation is gone, and postponing it late does not bring it back', async () => {
    const { registry } = await makeStores();
    await registry.openObligation(obligation());
    await registry.openObligation(obligation({ versionId: 'v2' }));
    await registry.payObligation(obligation());
    await registry.payObligation(obligation());
    await registry.postponeObligation(obligation(), inOneHour);
    expect(await registry.obligationsOf('payments-db')).toStrictEqual([obligation({ versionId: 'v2' })]);
    expect(await registry.dueObligations(far, 10)).toHaveLength(1);
  });
}

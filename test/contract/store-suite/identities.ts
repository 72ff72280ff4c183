import { enrolment, leaseOf, type MakeStores } from './stores';

const id = 'payments-db';
const slotAt = (hour: number) => `2026-03-01T0${hour}:00:00.000Z`;

/** Claims about identity rows and due times. */
export function describeIdentities(makeStores: MakeStores): void {
  test('enrolling creates a row that no run holds, due at its slot', async () => {
    const { registry } = await makeStores();
    expect(await registry.enrol(enrolment(id))).toBe('created');
    const { slot, ...fields } = enrolment(id);
    const idle = { busyUntil: undefined, busyStage: undefined, actingUntil: undefined };
    const unheld = { lease: undefined, ...idle, revoked: undefined };
    expect(await registry.identity(id)).toStrictEqual({
      ...fields,
      ...unheld,
      fence: 0,
      slot,
      dueAt: slot,
      attempt: 0,
    });
  });

  test('enrolling again replaces the policy and keeps fence, lease, versions and what is due', async () => {
    const { registry } = await makeStores();
    await registry.enrol(enrolment(id));
    await registry.claimLease(id, leaseOf('run-1'));
    const before = await registry.identity(id);
    const newer = { policyRevision: 'r2', owner: 'treasury', slot: '2027-01-01T00:00:00.000Z', versions: [] };
    expect(await registry.enrol(enrolment(id, newer))).toBe('updated');
    expect(await registry.identity(id)).toStrictEqual({ ...before, policyRevision: 'r2', owner: 'treasury' });
  });

  test('a policy that asks for no rotation any more takes the identity off what is due, and may put it back', async () => {
    const { registry } = await makeStores();
    const later = '2026-05-01T00:00:00.000Z';
    await registry.enrol(enrolment(id));
    await registry.enrol(enrolment(id, { slot: undefined }));
    expect(await registry.due('2099-01-01T00:00:00.000Z', 10)).toEqual([]);
    await registry.enrol(enrolment(id, { slot: later }));
    expect(await registry.identity(id)).toMatchObject({ slot: later, dueAt: later, attempt: 0 });
  });

  test('every enrolled identity is listed, by id', async () => {
    const { registry } = await makeStores();
    const ids = Array.from({ length: 130 }, (_, n) => `identity-${String(n).padStart(3, '0')}`);
    await Promise.all(ids.toReversed().map((each) => registry.enrol(enrolment(each))));
    expect((await registry.identities()).map((row) => row.id)).toEqual(ids);
  });

  test('the revision that was enrolled last is remembered', async () => {
    const { registry } = await makeStores();
    expect(await registry.enrolledRevision()).toBeUndefined();
    await registry.setEnrolledRevision('r1');
    await registry.setEnrolledRevision('r2');
    expect(await registry.enrolledRevision()).toBe('r2');
  });

  test('what is due comes oldest first, up to the limit, and what is not due yet does not come', async () => {
    const { registry } = await makeStores();
    const hours = [5, 1, 9, 3, 7];
    for (const hour of hours) await registry.enrol(enrolment(`due-at-${hour}`, { slot: slotAt(hour) }));
    await registry.enrol(enrolment('never-due', { slot: undefined }));
    const dueBy = async (hour: number, limit: number) =>
      (await registry.due(slotAt(hour), limit)).map((row) => row.id);
    expect(await dueBy(7, 10)).toEqual(['due-at-1', 'due-at-3', 'due-at-5', 'due-at-7']);
    expect(await dueBy(7, 2)).toEqual(['due-at-1', 'due-at-3']);
    expect(await dueBy(0, 10)).toEqual([]);
  });

  test('scheduling moves the due time; a repeated or late call for another slot is ignored', async () => {
    const { registry } = await makeStores();
    const slot = '2026-03-01T00:00:00.000Z';
    const next = { slot: '2026-04-01T00:00:00.000Z', dueAt: '2026-04-01T00:00:00.000Z', attempt: 0 };
    await registry.enrol(enrolment(id, { slot }));
    await registry.schedule(id, slot, next);
    await registry.schedule(id, slot, { slot, dueAt: slot, attempt: 7 });
    await registry.schedule(id, undefined, { slot, dueAt: slot, attempt: 8 });
    expect(await registry.identity(id)).toMatchObject(next);
    expect(await registry.due('2026-03-31T00:00:00.000Z', 10)).toEqual([]);
  });

  test('a failed attempt keeps its slot and is due later; enrolling meanwhile does not bring it forward', async () => {
    const { registry } = await makeStores();
    const slot = '2026-03-01T00:00:00.000Z';
    const retry = { slot, dueAt: '2026-03-01T06:00:00.000Z', attempt: 1 };
    await registry.enrol(enrolment(id, { slot }));
    await registry.schedule(id, slot, retry);
    await registry.enrol(enrolment(id, { slot, policyRevision: 'r2' }));
    expect(await registry.identity(id)).toMatchObject(retry);
  });

  test('scheduling an identity that is not enrolled creates nothing', async () => {
    const { registry } = await makeStores();
    await registry.schedule('nobody', undefined, { slot: undefined, dueAt: undefined, attempt: 0 });
    expect(await registry.identity('nobody')).toBeUndefined();
  });
}

import { refuseActing } from '../../core/registry/lease-rules';

const row = {
  id: 'orders-db',
  kind: 'postgres-role',
  owner: 'team',
  network: 'default',
  policyRevision: '1',
  policySha256: '',
  versions: [],
  fence: 2,
  lease: undefined,
  busyUntil: undefined,
  busyStage: undefined,
  revoked: undefined,
  slot: undefined,
  dueAt: undefined,
  attempt: 0,
};
const actingUntil = '2026-03-01T00:00:30.000Z';

it('a run does not begin while a worker that the identity was taken away from may still be acting', () => {
  const begin = () => refuseActing({ ...row, actingUntil }, 'the-run', '2026-03-01T00:00:29.999Z');
  expect(begin).toThrow(expect.objectContaining({ name: 'StepBusy', effect: 'none' }));
  expect(begin).toThrow(actingUntil);
});

it('a run begins at the end of that time, and where nobody was preempted', () => {
  expect(() => refuseActing({ ...row, actingUntil }, 'the-run', actingUntil)).not.toThrow();
  expect(() => refuseActing({ ...row, actingUntil: undefined }, 'the-run', actingUntil)).not.toThrow();
});

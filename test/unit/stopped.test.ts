import { endingOf } from '../../core/run/stopped';

const STOPPED = Date.parse('2026-03-01T00:00:00Z');
const after = (seconds: number) => STOPPED + seconds * 1_000;

it.each(['ABORTED', 'TIMED_OUT'])(
  'an execution that is %s is over 40 seconds later, when its last worker can act no more',
  (status) => {
    expect(endingOf({ status, stoppedAt: STOPPED }, after(0))).toBe('running');
    expect(endingOf({ status, stoppedAt: STOPPED }, after(39.999))).toBe('running');
    expect(endingOf({ status, stoppedAt: STOPPED }, after(40))).toBe('ended');
  },
);

it.each(['SUCCEEDED', 'FAILED'])('an execution that %s has no worker left and is over at once', (status) => {
  expect(endingOf({ status, stoppedAt: STOPPED }, after(0))).toBe('ended');
});

it.each(['RUNNING', 'PENDING_REDRIVE'])('an execution that is %s goes on, however long', (status) => {
  expect(endingOf({ status, stoppedAt: undefined }, after(1e6))).toBe('running');
});

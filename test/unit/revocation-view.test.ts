import { PassThrough } from 'node:stream';
import { clockLines, runningClock } from '../../apps/cli/output/revocation-lines';
import { roughSeconds } from '../../apps/cli/output/durations';
import { Terminal } from '../../apps/cli/output/terminal';
import { exitOfRevocation } from '../../apps/cli/outcome';
import { outcomes } from '../../core/evidence/run-kinds';

// Nobody's terminal: nothing is coloured.
const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
const { colours } = new Terminal({ format: 'text', messages: 'shown' }, streams);
const times = {
  requestedAt: '2026-11-22T03:00:00.000Z',
  containedAt: '2026-11-22T03:00:00.500Z',
  lastAcceptedAt: null,
  firstRefusedAt: '2026-11-22T03:00:01.000Z',
  sessionsZeroAt: '2026-11-22T03:00:01.200Z',
  sessions: { before: 20, after: 0 },
  credentials: [],
};

describe('the clock of a revocation', () => {
  it('says each time since the request, and how much of the deadline is used', () => {
    const deadline = { withinSeconds: 300, tookSeconds: 1.2, kept: true };
    expect(clockLines({ colours }, { ...times, deadline })).toEqual([
      '  requested             03:00:00.000',
      '  contained             03:00:00.500  +500 ms',
      '  last accepted         -',
      '  first stable refusal  03:00:01.000  +1.0 s',
      '  sessions zero         03:00:01.200  +1.2 s',
      '  sessions              20 → 0',
      '  deadline              5 m, 1.2 s used: kept',
    ]);
  });

  it.each([
    { kept: false, tookSeconds: 301, says: '5 m, 5 m 1 s used: broken' },
    { kept: null, tookSeconds: null, says: '5 m, not proven yet: open' },
  ])('never calls $says kept', ({ says, ...rest }) => {
    const deadline = { withinSeconds: 300, ...rest };
    expect(clockLines({ colours }, { ...times, deadline }).at(-1)).toContain(says);
  });

  it('runs while the run does, and says when the deadline has passed', () => {
    expect(runningClock(300, 1.24)).toBe('deadline 5 m, 1.2 s used');
    expect(runningClock(60, 61)).toBe('deadline 1 m, 1 m 1 s used, passed');
  });

  it.each([
    [0.4, '400 ms'],
    [59, '59.0 s'],
    [180, '3 m'],
    [5_400, '1 h 30 m'],
    [172_800, '2 d'],
    [90_061, '1 d 1 h'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(roughSeconds(seconds)).toBe(text);
  });
});

describe('the exit code of a revocation', () => {
  it.each([
    { outcome: 'verified', causeCode: null, exit: 'ok' },
    { outcome: 'revoke-pending', causeCode: 'OldStillAccepted', exit: 'notVerified' },
    { outcome: 'revoke-pending', causeCode: 'SessionsRemain', exit: 'notVerified' },
    { outcome: 'revoke-pending', causeCode: 'AdminRightsMissing', exit: 'notVerified' },
    { outcome: 'revoke-pending', causeCode: 'TargetUnreachable', exit: 'unreachable' },
    { outcome: 'revoke-pending', causeCode: 'Inconclusive', exit: 'unreachable' },
    { outcome: 'revoke-pending', causeCode: 'Sandbox.Timedout', exit: 'unreachable' },
    { outcome: 'open', causeCode: 'RunNotClosed', exit: 'unreachable' },
    { outcome: 'not-approved', causeCode: 'NotApproved', exit: 'notApproved' },
    { outcome: 'refused', causeCode: 'LeaseHeld', exit: 'notVerified' },
  ] as const)('of $outcome by $causeCode is $exit', ({ exit, ...run }) => {
    expect(exitOfRevocation(run)).toBe(exit);
  });

  it('is ok for no other outcome than verified', () => {
    const green = outcomes.filter((outcome) => exitOfRevocation({ outcome, causeCode: null }) === 'ok');
    expect(green).toEqual(['verified']);
  });
});

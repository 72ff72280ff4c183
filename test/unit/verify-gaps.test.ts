import { gapsOf } from '../../apps/cli/ledger/gaps';
import type { Waiting } from '../../apps/cli/ledger/late-records';
import type { LedgerCheck } from '../../core/ledger/verify';

type Verified = Extract<LedgerCheck, { state: 'verified' }>;

const ledger: Verified = {
  state: 'verified',
  origin: 'ledger-1',
  scope: { kind: 'ledger' },
  size: 60,
  root: 'root',
  checkpoints: 2,
  records: 15,
  runsOpen: 0,
  runsClosed: 1,
  unsealed: 0,
  copied: [{ name: 'witness', size: 30 }],
  overlays: [],
  degraded: [],
};
const run: Verified = { ...ledger, scope: { kind: 'run', runId: 'run-1' } };
const waits: Waiting = [{ runId: 'run-1', count: 3 }];

describe('a ledger that holds together', () => {
  it('answers for all that was asked when nothing waits and somebody else keeps it, too', () => {
    expect(gapsOf(ledger, [])).toEqual([]);
    expect(gapsOf(run, [])).toEqual([]);
  });

  it.each<{ what: string; check: Verified; waiting: Waiting; leaves: string; says: string }>([
    { what: 'records wait', check: ledger, waiting: waits, leaves: 'partly', says: '3 records wait' },
    {
      what: 'records of the run wait',
      check: run,
      waiting: waits,
      leaves: 'nothing',
      says: '3 records wait',
    },
    {
      what: 'nobody could read whether any wait',
      check: ledger,
      waiting: 'unknown',
      leaves: 'partly',
      says: 'could not be read',
    },
    {
      what: 'nobody could read whether any of the run wait',
      check: run,
      waiting: 'unknown',
      leaves: 'nothing',
      says: 'could not be read',
    },
    {
      what: 'nothing of the run is sealed',
      check: { ...run, records: 0 },
      waiting: [],
      leaves: 'nothing',
      says: 'No record of run run-1',
    },
  ])('does not when $what', ({ check, waiting, leaves, says }) => {
    expect(gapsOf(check, waiting)).toEqual([{ leaves, why: expect.stringContaining(says) }]);
  });
});

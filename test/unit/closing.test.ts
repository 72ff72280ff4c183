import {
  parseRecord,
  type ConsumerObserved,
  type RecordOf,
  type Statement,
} from '../../core/evidence/record';
import { closing, type Cause } from '../../core/run/closing';
import {
  after,
  chainOf,
  consumer,
  factsOf,
  intended,
  judged,
  made,
  opened,
  START,
  type Entry,
} from '../support/chains';

type Closed = Extract<Statement, { type: 'RunClosed' }>;

function closed(run: readonly Entry[], proof: readonly Entry[], cause?: Cause): Closed {
  return closing(factsOf(chainOf('RUN', run), chainOf('PROOF', proof)), cause, []);
}

/** What is read back of a terminal record once it is stored. */
function stored(statement: Closed): RecordOf<'RunClosed'> {
  const [sealed] = chainOf('RUN', [{ stage: 'Close', statement }]);
  const record = parseRecord(sealed?.body ?? '');
  if (record.type === 'RunClosed') return record;
  throw new Error(`a RunClosed record reads back as ${record.type}`);
}

const MONTH = 30 * 86_400;
const dueInAMonth = opened({ deadline: after(MONTH) });
const SLOT_SERVED: Cause = { code: 'SlotServed', category: 'refused', sentence: 'Served already.' };
const BEHIND: Cause = { code: 'ConsumersBehind', category: 'other', sentence: 'One stayed behind.' };

/** Everything a rotation does until the old version is removed; `retired` is the role the old version was on. */
function rotation(start: Entry, retired = 'orders_app'): readonly Entry[] {
  return [
    start,
    intended('Mint'),
    made('Mint', after(10)),
    made('Promote', after(14)),
    made('Retire', after(20), { remoteId: retired }),
    made('Remove', after(40)),
  ];
}

function proofs(refusedAt: string): readonly Entry[] {
  return [
    judged('ConfirmNew', { versionId: 'new' }),
    judged('ProveOld', { versionId: 'old', firstStableRefusalAt: refusedAt }),
  ];
}

/** A rotation that was undone after promoting; `reinstated` is the role the old version is on. */
function undone(start: Entry, reinstated = 'orders_app'): readonly Entry[] {
  return [
    start,
    intended('Mint'),
    made('Mint', after(10)),
    made('Promote', after(14)),
    made('Reinstate', after(30), { remoteId: reinstated }),
  ];
}
const candidateRefused = [judged('ProveRestored', { versionId: 'new', firstStableRefusalAt: after(31) })];

describe('the deadline of a run', () => {
  it('is kept by the refusal of the old credential in time, and broken by one after it', () => {
    const deadline = after(60);
    expect(closed(rotation(opened({ deadline })), proofs(after(60))).deadline).toBe('kept');
    expect(closed(rotation(opened({ deadline })), proofs(after(61))).deadline).toBe('broken');
  });

  it('is open when the run was refused before it touched anything', () => {
    expect(closed([dueInAMonth], [], SLOT_SERVED)).toMatchObject({ outcome: 'refused', deadline: 'open' });
  });

  it('is open when the run was undone, however early the abandoned candidate was refused', () => {
    expect(closed(undone(dueInAMonth), candidateRefused, BEHIND)).toMatchObject({
      outcome: 'rolled-back',
      deadline: 'open',
      credentials: [{ versionId: 'new' }],
    });
  });

  it('is none where none was set', () => {
    expect(closed(rotation(opened()), proofs(after(30))).deadline).toBe('none');
  });
});

function counting(counts: readonly (number | null)[]): readonly ConsumerObserved[] {
  return counts.map((count, index) => consumer(`api-${index}`, count));
}

/** What is recorded when the consumers' counters read so before the change and so afterwards. */
function failed(before: readonly (number | null)[], now: readonly (number | null)[]): number | null {
  const run = [opened(), intended('Mint'), made('Mint', START, { consumers: [...counting(before)] })];
  const proof = [judged('ConfirmNew', { versionId: 'new', consumers: [...counting(now)] })];
  return stored(closed(run, proof)).consumerFailures;
}

describe('calls that consumers saw fail', () => {
  it('are counted over all consumers that count them', () => {
    expect(failed([1, 10, null], [4, 12, 7])).toBe(5);
  });

  it('stay a number that can be read back, whatever the consumers claim', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(failed([0, 0], [most, most])).toBe(most);
  });

  it('are never fewer than none, though a counter started again', () => {
    expect(failed([100, 0], [0, 2])).toBe(2);
  });

  it('are unknown when no consumer counts them', () => {
    expect(failed([null, 3], [3, null])).toBeNull();
  });
});

describe('how long the old credential was exposed', () => {
  it('is from the promotion to its refusal where both work side by side', () => {
    const { exposureSeconds } = closed(rotation(opened(), 'orders_b'), proofs(after(44)));
    expect(exposureSeconds).toBe(30);
  });

  it('is no time where the new password replaces it', () => {
    expect(closed(rotation(opened()), proofs(after(44))).exposureSeconds).toBe(0);
  });

  it.each(['orders_app', 'orders_b'])('is not said after an undo (old one on %s)', (role) => {
    expect(closed(undone(opened(), role), candidateRefused, BEHIND).exposureSeconds).toBeNull();
  });
});

describe('how long the current label named what was refused', () => {
  it('is no time with two roles, rotated or undone', () => {
    expect(closed(rotation(opened(), 'orders_b'), proofs(after(44))).unavailableSeconds).toBe(0);
    expect(closed(undone(opened(), 'orders_b'), candidateRefused, BEHIND).unavailableSeconds).toBe(0);
  });

  it('is from the change to the promotion with one role, or to the reinstatement when it was undone', () => {
    expect(closed(rotation(opened()), proofs(after(44))).unavailableSeconds).toBe(4);
    expect(closed(undone(opened()), candidateRefused, BEHIND).unavailableSeconds).toBe(20);
  });
});

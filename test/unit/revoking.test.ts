import { closing, outcomeOf } from '../../core/run/closing';
import { verifyRun } from '../../core/evidence/verify';
import {
  after,
  chainOf,
  factsOf,
  intended,
  judged,
  made,
  opened,
  RUN_ID,
  type Entry,
} from '../support/chains';

const contain: readonly Entry[] = [
  opened({ kind: 'revocation', slot: null, deadline: after(300) }),
  {
    ...intended('Contain'),
    statement: { type: 'ChangeIntended', change: 'contain', versionId: 'v1', supersededId: null },
  },
  made('Contain', after(1), { versionId: 'v1', supersededId: null }),
  {
    ...intended('Remove'),
    statement: { type: 'ChangeIntended', change: 'remove', versionId: 'v1', supersededId: null },
  },
  made('Remove', after(3), { versionId: 'v1', supersededId: null }),
];
const dead = judged('ProveRefused', {
  versionId: 'v1',
  firstStableRefusalAt: after(2),
  sessionsZeroAt: after(2),
});
const arrived = judged('ProveRefused', {
  versionId: 'listed:late',
  claim: 'contained',
  finding: 'disproven',
  firstStableRefusalAt: null,
});

const outcome = (proof: readonly Entry[]) =>
  outcomeOf(factsOf(chainOf('RUN', contain), chainOf('PROOF', proof)), undefined, []);

describe('how a revocation ends', () => {
  it('is verified once everything it contained is proven dead', () => {
    expect(outcome([dead])).toBe('verified');
  });

  it('is not verified while a credential that turned up later is alive, though nobody intended to contain it', () => {
    expect(outcome([dead, arrived])).not.toBe('verified');
  });

  it('is verified when the one that turned up later was proven dead in the end', () => {
    const gone = judged('ProveRefused', { versionId: 'listed:late', claim: 'contained' });
    expect(outcome([dead, arrived, gone])).toBe('verified');
  });
});

describe('the verifier', () => {
  const proof = chainOf('PROOF', [dead]);
  const facts = factsOf(chainOf('RUN', contain), proof);
  const close = (change: object) =>
    chainOf('RUN', [
      ...contain,
      { stage: 'Close', statement: { ...closing(facts, undefined, []), ...change } },
    ]);

  it('takes a revocation whose clock follows from its records', () => {
    expect(verifyRun(RUN_ID, close({}), proof)).toMatchObject({ state: 'verified', closed: 'yes' });
  });

  it.each([
    { case: 'a deadline that was not kept', change: { deadline: 'broken' } },
    { case: 'an earlier refusal', change: { firstStableRefusalAt: after(1) } },
    { case: 'an earlier containment', change: { containedAt: after(0) } },
    { case: 'less exposure', change: { exposureSeconds: 0 } },
  ])('finds $case that the records do not say', ({ change }) => {
    expect(verifyRun(RUN_ID, close(change), proof)).toMatchObject({
      state: 'broken',
      first: { chain: 'RUN' },
    });
  });
});

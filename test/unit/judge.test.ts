import { judgeAcceptance, judgeRefusal, type RefusalRule, type Round } from '../../core/verdict/judge';
import type { Verdict } from '../../core/probe';

const accepted: Verdict = { state: 'accepted' };
const refused: Verdict = { state: 'refused', signal: '28P01' };
const unreachable: Verdict = { state: 'inconclusive', cause: 'ECONNREFUSED' };
const rule: RefusalRule = { paths: ['direct'], refusals: 3, windowMs: 0, signals: ['28P01'], notBefore: 0 };

function rounds(subjects: readonly Verdict[], overrides: Partial<Round> = {}): Round[] {
  return subjects.map((subject, index) => ({
    path: 'direct',
    at: 1_000 + index * 100,
    subject,
    positive: accepted,
    negative: refused,
    ...overrides,
  }));
}

describe('a credential counts as refused', () => {
  it('after K refusals in a row with both controls holding', () => {
    expect(judgeRefusal(rounds([refused, refused, refused]), rule)).toEqual({
      state: 'refused',
      firstStableRefusal: 1_000,
      lastAccepted: undefined,
    });
  });

  it('only from the first refusal after the last acceptance', () => {
    expect(judgeRefusal(rounds([refused, refused, accepted, refused, refused, refused]), rule)).toEqual({
      state: 'refused',
      firstStableRefusal: 1_300,
      lastAccepted: 1_200,
    });
  });

  it('only when the refusals span the settle window', () => {
    const fast = rounds([refused, refused, refused]);
    expect(judgeRefusal(fast, { ...rule, windowMs: 200 }).state).toBe('refused');
    expect(judgeRefusal(fast, { ...rule, windowMs: 201 }).state).toBe('inconclusive');
  });

  it('only when every path refuses', () => {
    const direct = rounds([refused, refused, refused]);
    const edge = rounds([refused, refused, accepted], { path: 'edge' });
    const finding = judgeRefusal([...direct, ...edge], { ...rule, paths: ['direct', 'edge'] });
    expect(finding).toMatchObject({ state: 'accepted', path: 'edge' });
  });
});

describe('a refusal by what stands in front of the target', () => {
  const blocked: Verdict = { state: 'refused', signal: 'block' };
  const wanted: RefusalRule = { ...rule, paths: ['direct', 'edge'], edgeSignals: ['block'] };
  const atEdge = rounds([blocked, blocked, blocked], { path: 'edge' });

  it('counts behind it, beside the target’s own on the direct path', () => {
    const direct = rounds([refused, refused, refused]);
    expect(judgeRefusal([...direct, ...atEdge], wanted).state).toBe('refused');
  });

  it('does not show that the target itself would refuse', () => {
    const direct = rounds([blocked, blocked, blocked]);
    expect(judgeRefusal([...direct, ...atEdge], wanted)).toMatchObject({
      state: 'inconclusive',
      cause: expect.stringContaining('path direct'),
    });
  });
});

describe('a refusal proves nothing', () => {
  it.each<[string, Round[], Partial<RefusalRule>]>([
    ['when one of three probes cannot reach the target', rounds([refused, refused, unreachable]), {}],
    ['when an unreachable probe interrupts the row', rounds([refused, refused, unreachable, refused]), {}],
    ['when every probe is unreachable', rounds([unreachable, unreachable, unreachable]), {}],
    [
      'when the positive control is refused too',
      rounds([refused, refused, refused], { positive: refused }),
      {},
    ],
    [
      'when the positive control is unreachable',
      rounds([refused, refused, refused], { positive: unreachable }),
      {},
    ],
    ['when there is no positive control', rounds([refused, refused, refused], { positive: undefined }), {}],
    ['when a random credential is accepted', rounds([refused, refused, refused], { negative: accepted }), {}],
    ['while a change may still be in flight', rounds([refused, refused, refused]), { notBefore: 1_100 }],
    ['when a path was never probed', rounds([refused, refused, refused]), { paths: ['direct', 'edge'] }],
    ['when no path is listed', rounds([refused, refused, refused]), { paths: [] }],
    [
      'when the signal shows only the account state',
      rounds([
        { state: 'refused', signal: '28000' },
        { state: 'refused', signal: '28000' },
        { state: 'refused', signal: '28000' },
      ]),
      {},
    ],
  ])('%s', (_case, given, change) => {
    expect(judgeRefusal(given, { ...rule, ...change }).state).toBe('inconclusive');
  });

  it('and an acceptance counts even when the controls are broken', () => {
    expect(judgeRefusal(rounds([accepted], { positive: undefined }), rule).state).toBe('accepted');
  });
});

describe('a new credential counts as accepted', () => {
  it('when the newest round on every path accepts it and refuses a random one', () => {
    expect(judgeAcceptance(rounds([unreachable, accepted]), ['direct']).state).toBe('accepted');
  });

  it.each<[string, Round[], readonly string[]]>([
    ['unless a random one is accepted too', rounds([accepted], { negative: accepted }), ['direct']],
    ['unless a path was left out', rounds([accepted]), ['direct', 'edge']],
    ['unless the target answered', rounds([unreachable]), ['direct']],
  ])('%s', (_case, given, paths) => {
    expect(judgeAcceptance(given, paths).state).toBe('inconclusive');
  });
});

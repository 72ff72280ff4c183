import { judge, type Acknowledgement, type Finding } from '../../lib/security/finding';

const finding: Finding = { rule: 'wildcard-action', where: 'Stack/Role1', what: 's3:*' };
const reason = 'The service knows no narrower action than this one.';
const sound: Acknowledgement = {
  rule: 'wildcard-action',
  where: /Role1$/,
  what: /^s3/,
  reason,
  until: '2027-01-01',
};
const judged = (each: Acknowledgement, today = '2026-12-31') => judge([finding], [each], today);

describe('an acknowledgement', () => {
  it('lets its finding stand up to its last day', () => {
    expect(judged(sound, '2027-01-01')).toEqual({ open: [], unsound: [] });
  });

  it('lets nothing stand after it ran out, and says so', () => {
    expect(judged(sound, '2027-01-02')).toEqual({
      open: [finding],
      unsound: [expect.stringContaining('ran out on 2027-01-01')],
    });
  });

  it.each<[string, Partial<Acknowledgement>, string]>([
    ['of another rule', { rule: 'wildcard-resource' }, 'matches no finding'],
    ['of another place', { where: /Role2$/ }, 'matches no finding'],
    ['of something else there', { what: /^sqs/ }, 'matches no finding'],
    ['without a reason', { reason: 'ok' }, 'gives no reason'],
    ['whose day is none', { until: 'never' }, 'is no ISO date'],
  ])('%s is named', (_, change, sentence) => {
    expect(judged({ ...sound, ...change }).unsound).toContainEqual(expect.stringContaining(sentence));
  });
});

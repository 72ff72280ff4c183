import { samePerson, type Requester } from '../../core/approval/principal';
import { refusalOf } from '../../core/approval/rules';
import type { Approval } from '../../core/ports/approvals';
import { alice, bob, session } from '../support/approval-scene';

const claimed = (id: string): Requester => ({
  actor: { type: 'person', id, assurance: 'claimed' },
  principal: undefined,
});
const verified: Requester = {
  actor: { type: 'person', id: 'AROAREQUESTER:alice', assurance: 'verified' },
  principal: alice,
};

describe('whoever claims to be somebody', () => {
  it.each(['alice', 'Alice', 'AROAREQUESTER:alice', 'AROAOTHER:ALICE', 'a:b:alice'])(
    'as %s is held to it in every role',
    (id) => {
      expect(samePerson(claimed(id), session('AROAAPPROVER', 'alice'))).toBe(true);
    },
  );

  it.each(['bob', 'AROAREQUESTER:bob', 'alice:bob', 'alice:', 'unnamed'])('as %s is not alice', (id) => {
    expect(samePerson(claimed(id), alice)).toBe(false);
  });
});

describe('an approval of a reissue', () => {
  const requestSha256 = '0'.repeat(64);
  const approval = (requester: Requester, request: object): Approval => ({
    approvalId: 'an-approval',
    runId: 'a-run',
    identityId: 'orders-db',
    kind: 'rotation',
    request: JSON.stringify(request),
    requestSha256,
    requester,
    taskToken: 'a-token',
    requestedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:15:00.000Z',
    decision: undefined,
  });
  const ask = { verdict: 'approved', approver: bob, requestSha256, at: '2026-01-01T00:01:00.000Z' } as const;
  const reissue = { trigger: 'reissue', about: 'the-revocation' };

  it('is refused while its requester is only claimed, with the way that works', () => {
    const refusal = refusalOf(approval(claimed('carol'), reissue), ask);
    expect(refusal).toMatchObject({ name: 'RequesterUnverified', effect: 'none' });
    expect(refusal?.message).toMatch(
      /carol \(claimed\).*requests URL: gapless rotate orders-db --reissue the-revocation\. Nothing was changed\.$/,
    );
  });

  it('may be denied by anybody all the same', () => {
    expect(refusalOf(approval(claimed('carol'), reissue), { ...ask, verdict: 'denied' })).toBeUndefined();
  });

  it.each([
    { what: 'a reissue of a verified requester', requester: verified, request: reissue },
    { what: 'another rotation', requester: claimed('carol'), request: { trigger: 'manual', about: null } },
  ])('does not keep another person from $what', ({ requester, request }) => {
    expect(refusalOf(approval(requester, request), ask)).toBeUndefined();
  });
});

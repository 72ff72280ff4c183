import type { Approval, Decision, StartRequest } from '../../../core/ports/approvals';
import type { MakeStores } from './stores';

const bob = {
  accountId: '111111111111',
  roleId: 'AROAAPPROVER',
  sessionName: 'bob',
  userArn: 'arn:aws:sts::111111111111:assumed-role/approver/bob',
};

function approval(approvalId: string, given: Partial<Approval> = {}): Approval {
  return {
    approvalId,
    runId: `run-of-${approvalId}`,
    identityId: 'payments-db',
    kind: 'rotation',
    request: '{"v":1}',
    requestSha256: 'a'.repeat(64),
    requester: { actor: { type: 'person', id: 'alice', assurance: 'claimed' }, principal: undefined },
    taskToken: 'token-1',
    requestedAt: '2026-03-01T00:00:00.000Z',
    expiresAt: '2026-03-01T00:15:00.000Z',
    decision: undefined,
    ...given,
  };
}

const approved: Decision = {
  verdict: 'approved',
  approver: bob,
  at: '2026-03-01T00:05:00.000Z',
  requestSha256: 'a'.repeat(64),
  reason: undefined,
};
const expired: Decision = { ...approved, verdict: 'expired', approver: undefined, reason: 'nobody decided' };

/** Claims about approvals and verified requests. */
export function describeApprovals(makeStores: MakeStores): void {
  test('an approval stays as it was requested, and requesting it again changes nothing', async () => {
    const { registry } = await makeStores();
    const verified = { actor: { type: 'person', id: 'x', assurance: 'verified' }, principal: bob } as const;
    const first = approval('one', { requester: verified });
    expect(await registry.putApproval(first)).toBe('stored');
    expect(await registry.putApproval(approval('one', { request: '{"v":2}', taskToken: 'other' }))).toBe(
      'exists',
    );
    expect(await registry.approval('one')).toStrictEqual(first);
    expect(await registry.approval('none')).toBeUndefined();
  });

  test('an approval is decided once, whoever comes second', async () => {
    const { registry } = await makeStores();
    await registry.putApproval(approval('one'));
    const both = await Promise.all([
      registry.decideApproval('one', approved),
      registry.decideApproval('one', expired),
    ]);
    expect(both.toSorted()).toEqual(['decided', 'taken']);
    const first = both[0] === 'decided' ? approved : expired;
    expect(await registry.approval('one')).toStrictEqual(approval('one', { decision: first }));
    expect(await registry.decideApproval('one', { ...approved, verdict: 'denied' })).toBe('taken');
    expect((await registry.approval('one'))?.decision).toStrictEqual(first);
  });

  test('nothing is decided that was not requested', async () => {
    const { registry } = await makeStores();
    expect(await registry.decideApproval('none', approved)).toBe('taken');
    await registry.renewTaskToken('none', 'token-2');
    expect(await registry.approval('none')).toBeUndefined();
  });

  test('a repeated wait replaces the token of the first, and not after the decision', async () => {
    const { registry } = await makeStores();
    await registry.putApproval(approval('one'));
    await registry.renewTaskToken('one', 'token-2');
    expect(await registry.approval('one')).toStrictEqual(approval('one', { taskToken: 'token-2' }));
    await registry.decideApproval('one', approved);
    await registry.renewTaskToken('one', 'token-3');
    expect((await registry.approval('one'))?.taskToken).toBe('token-2');
  });

  test('pending approvals come by their expiry, those decided are not among them', async () => {
    const { registry } = await makeStores();
    for (const [id, minute] of [
      ['late', 40],
      ['soon', 10],
      ['middle', 20],
    ] as const)
      await registry.putApproval(approval(id, { expiresAt: `2026-03-01T00:${minute}:00.000Z` }));
    const ids = async (limit: number) =>
      (await registry.pendingApprovals(limit)).map(({ approvalId }) => approvalId);
    expect(await ids(10)).toEqual(['soon', 'middle', 'late']);
    expect(await ids(1)).toEqual(['soon']);
    await registry.decideApproval('soon', approved);
    expect(await ids(10)).toEqual(['middle', 'late']);
    expect(await registry.openObligations(10)).toEqual([]);
  });

  test('a verified request stays as it was made', async () => {
    const { registry } = await makeStores();
    const request: StartRequest = {
      executionName: 'run-1',
      kind: 'rotation',
      principal: bob,
      inputSha256: 'b'.repeat(64),
      requestedAt: '2026-03-01T00:00:00.000Z',
      breakGlass: 'no',
    };
    expect(await registry.putStartRequest(request)).toBe('stored');
    expect(await registry.putStartRequest({ ...request, breakGlass: 'asked' })).toBe('exists');
    expect(await registry.startRequest('run-1')).toStrictEqual(request);
    expect(await registry.startRequest('run-2')).toBeUndefined();
  });
}

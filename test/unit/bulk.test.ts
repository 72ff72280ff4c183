import { censusOf, verdictOf } from '../../core/bulk/census';
import { bulkOutcome } from '../../core/bulk/closing';
import { freeze, parseAsked, sha256Of } from '../../core/bulk/list';
import { planBulk } from '../../core/bulk/plan';
import { parseBulkInput } from '../../core/bulk/request';
import { selected } from '../../core/bulk/selection';
import { parsePolicy } from '../../core/policy/parse';
import { firstRow } from '../../core/registry/enrolment';
import { unreachedPolicy } from '../support/unreached-policy';

const policyOf = (id: string, more: object = {}) => parsePolicy({ ...unreachedPolicy(id), ...more }, id);
const rowOf = (id: string, owner = 'team-test') =>
  firstRow({
    id,
    kind: 'postgres-role',
    owner,
    network: 'default',
    policyRevision: 'r',
    policySha256: 's',
    slot: undefined,
    versions: [{ versionId: `${id}-v1`, remoteId: '', stage: 'AWSCURRENT' }],
  });

const consumer = (id: string) => ({ id, observe: 'target-sessions' });
const policies = [
  policyOf('orders-db', { tags: ['pci'], consumers: [consumer('checkout'), consumer('reports')] }),
  policyOf('billing-db', { controls: ['pci'], consumers: [consumer('checkout')] }),
  policyOf('other-db', { owner: 'team-other', approval: { revocation: 'required' } }),
];
const rows = [rowOf('orders-db'), rowOf('gone-db')];
const ids = (by: 'owner' | 'tag' | 'kind', value: string) =>
  selected({ by, value }, { policies, rows }).map(({ identityId }) => identityId);

describe('a selection', () => {
  it('means by owner also whose policy was taken away, and by tag whoever has it as tag or control', () => {
    expect(ids('owner', 'team-test')).toEqual(['billing-db', 'gone-db', 'orders-db']);
    expect(ids('tag', 'pci')).toEqual(['billing-db', 'orders-db']);
    expect(ids('kind', 'postgres-role')).toHaveLength(4);
  });

  it('takes each id of an incident once', () => {
    const select = { incident: 'INC-1', ids: ['orders-db', 'orders-db'] };
    expect(parseBulkInput({ select, reason: 'a leak' })).toMatchObject({
      select: { by: 'incident', value: 'INC-1', ids: ['orders-db'] },
    });
  });
});

describe('a dry run', () => {
  const all = selected({ by: 'owner', value: 'team-test' }, { policies, rows });

  it('lists what would die with the versions known, what depends on it, and who is left and why', () => {
    expect(planBulk(all, new Set(), { approvalAbove: 2 })).toEqual({
      asked: 3,
      approval: 'required',
      dies: [
        {
          identityId: 'orders-db',
          kind: 'postgres-role',
          owner: 'team-test',
          versions: [{ versionId: 'orders-db-v1', stage: 'AWSCURRENT' }],
        },
      ],
      leaves: [
        { identityId: 'billing-db', why: 'its policy is not enrolled yet; the next sweep does that' },
        { identityId: 'gone-db', why: 'no policy names it any more, so nobody knows where to revoke it' },
      ],
      dependents: [
        { consumer: 'checkout', identityIds: ['orders-db'] },
        { consumer: 'reports', identityIds: ['orders-db'] },
      ],
    });
  });

  it('says that a policy among them asks for an approval, however few they are', () => {
    const one = selected({ by: 'owner', value: 'team-other' }, { policies, rows });
    expect(planBulk(one, new Set(), { approvalAbove: 25 }).approval).toBe('required');
  });
});

describe('the list of everybody asked', () => {
  const asked = freeze(
    'bulk-1',
    { reason: 'a leak' },
    selected({ by: 'tag', value: 'pci' }, { policies, rows }),
    new Set(),
  );
  const text = JSON.stringify(asked);

  it('is read back only as what the evidence says it is', () => {
    expect(parseAsked(text, { key: 'k', sha256: sha256Of(text) })).toEqual(asked);
    for (const other of [undefined, JSON.stringify(asked.slice(1))])
      expect(() => parseAsked(other, { key: 'k', sha256: sha256Of(text) })).toThrow(
        /EvidenceConflict|SHA-256/,
      );
  });

  it('gives everybody exactly one verdict, and nobody who left no run is done', () => {
    const nothing = { summary: undefined, paidBy: undefined, revokedBy: undefined };
    const verdicts = asked.map((each) => verdictOf(each, nothing));
    expect(censusOf(verdicts)).toMatchObject({ asked: 2, done: 0, failed: 0, skipped: 0, unknown: 2 });
    const earlier = asked.map((each) => verdictOf(each, { ...nothing, revokedBy: 'an-earlier-run' }));
    expect(censusOf(earlier)).toMatchObject({ asked: 2, skipped: 2, unknown: 0 });
  });
});

describe('the outcome of a bulk run', () => {
  const opened = { selection: { count: 10 } };
  const list = { key: 'k', sha256: 's' };
  const census = { asked: 10, done: 8, failed: 0, skipped: 2, unknown: 0, level: 'L4', list } as const;

  it('is verified only for counts that add up to everybody who was frozen', () => {
    expect(bulkOutcome(opened, census, undefined)).toBe('verified');
    expect(bulkOutcome(opened, { ...census, asked: 8, done: 6 }, undefined)).toBe('inconclusive');
    expect(bulkOutcome(opened, { ...census, done: 9 }, undefined)).toBe('inconclusive');
    expect(bulkOutcome(opened, { ...census, done: 7, unknown: 1 }, undefined)).toBe('inconclusive');
    expect(bulkOutcome(opened, { ...census, done: 7, failed: 1 }, undefined)).toBe('revoke-pending');
  });
});

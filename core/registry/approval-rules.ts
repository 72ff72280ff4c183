import type { Approval } from '../ports/approvals';

/** Approvals without a decision, the first to expire first. */
export function pendingInOrder(approvals: readonly Approval[], limit: number): readonly Approval[] {
  return approvals
    .filter(({ decision }) => decision === undefined)
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
    .slice(0, limit);
}

function orderOf({ expiresAt, approvalId }: Approval): string {
  return `${expiresAt}#${approvalId}`;
}

import type { Enrolment, IdentityRow } from '../ports/registry';

/** The row of an identity that was not known before. */
export function firstRow(enrolment: Enrolment): IdentityRow {
  return {
    ...enrolment,
    fence: 0,
    lease: undefined,
    busyUntil: undefined,
    actingUntil: undefined,
    busyStage: undefined,
    revoked: undefined,
    dueAt: enrolment.slot,
    attempt: 0,
  };
}

/** What a policy says of an identity; enrolling again replaces these fields and no other. */
export function policyFields(enrolment: Enrolment): Omit<Enrolment, 'id' | 'slot' | 'versions'> {
  const { kind, owner, network, policyRevision, policySha256 } = enrolment;
  return { kind, owner, network, policyRevision, policySha256 };
}

/**
 * The row of a known identity under a newer policy. What is due stays due, so that a new revision postpones nothing;
 * a policy that asks for no rotation ends it, and one that asks for it again starts at the slot given.
 */
export function renewedRow(row: IdentityRow, enrolment: Enrolment): IdentityRow {
  const fields = policyFields(enrolment);
  if (enrolment.slot !== undefined && row.slot !== undefined) return { ...row, ...fields };
  return { ...row, ...fields, slot: enrolment.slot, dueAt: enrolment.slot, attempt: 0 };
}

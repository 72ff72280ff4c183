import * as z from 'zod/mini';
import { runKind } from '../../../../core/evidence/run-kinds';
import type { IdentityRow } from '../../../../core/ports/registry';
import type { Item } from '../../dynamodb/attributes';

const text = z.string();
const textIfAny = z.exactOptional(text);
const optionalText = z.optional(text);
const whole = z.int();
const versionRow = z.object({
  versionId: text,
  remoteId: text,
  stage: z.enum(['AWSPENDING', 'AWSCURRENT', 'AWSPREVIOUS', 'unlabelled']),
  runId: textIfAny,
  fingerprint: textIfAny,
  cut: textIfAny,
  mintedAt: textIfAny,
  refusedSince: textIfAny,
});

const leaseItem = z.object({
  runId: text,
  executionArn: text,
  claimedAt: text,
  kind: runKind,
});

const identityItem = z.object({
  id: text,
  kind: text,
  owner: text,
  network: text,
  policyRevision: text,
  policySha256: text,
  versions: z.array(versionRow),
  fence: whole,
  lease: z.optional(leaseItem),
  busyUntil: optionalText,
  busyStage: optionalText,
  actingUntil: optionalText,
  revoked: z.optional(z.object({ runId: text, at: text })),
  slot: optionalText,
  dueAt: optionalText,
  attempt: whole,
});

const unset = {
  lease: undefined,
  busyUntil: undefined,
  busyStage: undefined,
  actingUntil: undefined,
  revoked: undefined,
  slot: undefined,
  dueAt: undefined,
};

/** A stored identity row. */
export function identityRow(item: Item): IdentityRow {
  return { ...unset, ...identityItem.parse(item) };
}

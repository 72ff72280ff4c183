import * as z from 'zod/mini';
import { runKind } from '../../../../core/evidence/run-kinds';
import type { IdentityRow } from '../../../../core/ports/registry';
import type { Item } from '../../dynamodb/attributes';

const versionRow = z.object({
  versionId: z.string(),
  remoteId: z.string(),
  stage: z.enum(['AWSPENDING', 'AWSCURRENT', 'AWSPREVIOUS', 'unlabelled']),
  runId: z.exactOptional(z.string()),
  fingerprint: z.exactOptional(z.string()),
  cut: z.exactOptional(z.string()),
  mintedAt: z.exactOptional(z.string()),
  refusedSince: z.exactOptional(z.string()),
});

const leaseItem = z.object({
  runId: z.string(),
  executionArn: z.string(),
  claimedAt: z.string(),
  kind: runKind,
});

const identityItem = z.object({
  id: z.string(),
  kind: z.string(),
  owner: z.string(),
  network: z.string(),
  policyRevision: z.string(),
  policySha256: z.string(),
  versions: z.array(versionRow),
  fence: z.int(),
  lease: z.optional(leaseItem),
  busyUntil: z.optional(z.string()),
  busyStage: z.optional(z.string()),
  actingUntil: z.optional(z.string()),
  revoked: z.optional(z.object({ runId: z.string(), at: z.string() })),
  slot: z.optional(z.string()),
  dueAt: z.optional(z.string()),
  attempt: z.int(),
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

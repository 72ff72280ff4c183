import * as z from 'zod/mini';
import { level } from '../../../core/evidence/fields';
import { runKind } from '../../../core/evidence/record';
import type { Marker, SealedRun } from '../../../core/ports/ledger-index';
import type { IdentityRow, Obligation, RunSummary } from '../../../core/ports/registry';
import { summaryOutcomes } from '../../../core/registry/summary-order';
import type { Item } from '../dynamodb/attributes';

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

const obligationItem = z.object({
  identityId: z.string(),
  versionId: z.string(),
  remoteId: z.string(),
  type: z.enum(['refusal', 'removal', 'review']),
  by: z.enum(['rotation', 'revocation']),
  runId: z.string(),
  openedAt: z.string(),
  deadline: z.optional(z.string()),
  nextAttemptAt: z.string(),
  attempts: z.int(),
  why: z.string(),
  refusedIn: z.exactOptional(z.string()),
});

const openItem = z.object({
  runId: z.string(),
  identityId: z.string(),
  kind: runKind,
  executionArn: z.string(),
  openedAt: z.string(),
  adoptions: z.int(),
  /** Only the marker of a closed run has one. */
  state: z._default(z.enum(['open', 'closed']), 'open'),
});

const head = z.object({ seq: z.int(), prev: z.string() });
const sealedItem = z.object({
  runId: z.string(),
  run: head,
  proof: head,
  closed: z.enum(['yes', 'no']),
  ranges: z.array(z.object({ chain: z.enum(['RUN', 'PROOF']), seq: z.int(), leaf: z.int(), count: z.int() })),
});

const summaryItem = z.object({
  runId: z.string(),
  kind: runKind,
  identityId: z.string(),
  owner: z.string(),
  // Rows of before runs were found by these do not have them.
  actor: z._default(z.string(), ''),
  controls: z._default(z.array(z.string()), []),
  glass: z.optional(z.literal('broken')),
  about: z.optional(z.string()),
  openedAt: z.string(),
  closedAt: z.optional(z.string()),
  outcome: z.enum(summaryOutcomes),
  level: z.optional(level),
  cause: z.optional(z.string()),
  evidence: z.exactOptional(z.enum(['waiting', 'arrived'])),
});

const unset = {
  identity: {
    lease: undefined,
    busyUntil: undefined,
    busyStage: undefined,
    actingUntil: undefined,
    revoked: undefined,
    slot: undefined,
    dueAt: undefined,
  },
  summary: { glass: undefined, about: undefined, closedAt: undefined, level: undefined, cause: undefined },
};

/** A stored identity row. */
export function identityRow(item: Item): IdentityRow {
  return { ...unset.identity, ...identityItem.parse(item) };
}

/** A stored obligation. */
export function obligationRow(item: Item): Obligation {
  return { deadline: undefined, ...obligationItem.parse(item) };
}

/** A stored marker of a run. */
export function markerRow(item: Item): Marker {
  return openItem.parse(item);
}

/** How far a run is sealed, as stored. */
export function sealedRow(item: Item): SealedRun {
  return sealedItem.parse(item);
}

/** A stored run summary. */
export function summaryRow(item: Item): RunSummary {
  return { ...unset.summary, ...summaryItem.parse(item) };
}

/** Version rows as an item holds them. */
export function storedVersions(versions: IdentityRow['versions']) {
  return versions.map((version) => ({ ...version }));
}

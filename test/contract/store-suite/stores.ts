import type { EvidenceStore } from '../../../core/ports/evidence-store';
import type { LedgerIndex } from '../../../core/ports/ledger-index';
import type { PolicyArchive } from '../../../core/ports/policy-archive';
import type {
  Enrolment,
  Lease,
  Obligation,
  OpenRun,
  Registry,
  RunSummary,
} from '../../../core/ports/registry';

/** Empty stores of one kind. */
export interface Stores {
  readonly evidence: EvidenceStore;
  readonly archive: PolicyArchive;
  readonly registry: Registry;
  /** Over the registry's own table. */
  readonly index: LedgerIndex;
}
export type MakeStores = () => Promise<Stores>;

/** An enrolment, with what the test is about replaced. */
export function enrolment(id: string, given: Partial<Enrolment> = {}): Enrolment {
  return {
    id,
    kind: 'postgres-role',
    owner: 'payments',
    network: 'default',
    policyRevision: 'r1',
    policySha256: 'a'.repeat(64),
    slot: '2026-03-01T00:00:00.000Z',
    versions: [{ versionId: 'v1', remoteId: 'app_a', stage: 'AWSCURRENT' }],
    ...given,
  };
}

/** The lease a run asks for. */
export function leaseOf(runId: string): Lease {
  const claimedAt = '2026-03-01T00:00:00.000Z';
  return { runId, executionArn: `arn:${runId}`, claimedAt, kind: 'rotation' };
}

/** An obligation of `payments-db`, with what the test is about replaced. */
export function obligation(given: Partial<Obligation> = {}): Obligation {
  return {
    identityId: 'payments-db',
    versionId: 'v1',
    remoteId: 'app_a',
    type: 'refusal',
    by: 'rotation',
    runId: 'run-1',
    openedAt: '2026-03-01T00:00:00.000Z',
    deadline: '2026-03-01T01:00:00.000Z',
    nextAttemptAt: '2026-03-01T00:05:00.000Z',
    attempts: 0,
    why: 'superseded by v2',
    ...given,
  };
}

/** An open-run marker. */
export function marker(runId: string, given: Partial<OpenRun> = {}): OpenRun {
  const arn = `arn:${runId}`;
  const openedAt = '2026-03-01T00:00:00.000Z';
  return {
    runId,
    identityId: 'payments-db',
    kind: 'rotation',
    executionArn: arn,
    openedAt,
    adoptions: 0,
    ...given,
  };
}

/** The summary of a closed run. */
export function summary(runId: string, given: Partial<RunSummary> = {}): RunSummary {
  return {
    runId,
    kind: 'rotation',
    identityId: 'payments-db',
    owner: 'payments',
    actor: 'schedule',
    controls: [],
    glass: undefined,
    about: undefined,
    openedAt: '2026-03-01T00:00:00.000Z',
    closedAt: '2026-03-01T00:01:00.000Z',
    outcome: 'verified',
    level: 'L4',
    cause: undefined,
    ...given,
  };
}

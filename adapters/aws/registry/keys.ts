import type { Obligation } from '../../../core/ports/registry';
import { registryKeys } from '../../../core/ports/tables';
import type { Key } from '../dynamodb/table';
import { shards } from './shard';

// Marked pure, so that a bundle leaves out those its function does not use.

/** Partition keys of the indexes `due`, `owed` and `enrolled`, and of the open-run markers. */
export const dueShards = /* @__PURE__ */ shards('due#', 4);
export const owedShards = /* @__PURE__ */ shards('owed#', 4);
export const enrolledShards = /* @__PURE__ */ shards('id#', 4);
export const openShards = /* @__PURE__ */ shards(registryKeys.open, 16);
/** Pending approvals in the index `owed`; there are few of them. */
export const approvalShards = /* @__PURE__ */ shards('approval#', 1);

/** The policy revision that was enrolled last. */
export const revisionKey: Key = { pk: 'ENROLMENT', sk: 'REVISION' };

/** An identity's row. */
export function stateKey(identityId: string): Key {
  return { pk: identityPartition(identityId), sk: 'STATE' };
}

/** The partition of an identity: its row and what it owes. */
export function identityPartition(identityId: string): string {
  return `${registryKeys.identity}${identityId}`;
}

/** How sort keys of obligations begin. */
export const OBLIGATIONS = 'OBLIGATION#';

/** One obligation of an identity. */
export function obligationKey(obligation: Pick<Obligation, 'identityId' | 'versionId' | 'type'>): Key {
  return {
    pk: identityPartition(obligation.identityId),
    sk: `${OBLIGATIONS}${obligation.type}#${obligation.versionId}`,
  };
}

/** A run's open marker. */
export function openKey(runId: string): Key {
  return { pk: openShards.of(runId), sk: runId };
}

/** A run's summary. */
export function summaryKey(runId: string): Key {
  return { pk: `${registryKeys.run}${runId}`, sk: 'SUMMARY' };
}

/** One of the marks that a run is found by. */
export function markKey(runId: string, mark: string): Key {
  return { pk: `${registryKeys.run}${runId}`, sk: `MARK#${mark}` };
}

/** An approval. */
export function approvalKey(approvalId: string): Key {
  return { pk: `APPROVAL#${approvalId}`, sk: 'STATE' };
}

/** A verified request, by the name of the execution it was about to start. */
export function requestKey(executionName: string): Key {
  return { pk: `${registryKeys.request}${executionName}`, sk: 'STATE' };
}

/** How far a run is sealed. */
export function sealedKey(runId: string): Key {
  return { pk: `${registryKeys.run}${runId}`, sk: 'SEALED' };
}

/** Who seals, and how far the ledger is sealed and indexed. */
export const sealerKey: Key = { pk: registryKeys.sealer, sk: 'STATE' };

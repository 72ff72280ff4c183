import * as z from 'zod/mini';
import type { Approval, Approvals, Decision, Decisions } from '../../../core/ports/approvals';
import { pendingInOrder } from '../../../core/registry/approval-rules';
import { absent } from '../dynamodb/absent';
import type { Item, Storable } from '../dynamodb/attributes';
import { assign, type Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { foundIn } from './found';
import { approvalKey, approvalShards } from './keys';
import { principal } from './rows/principal';

const actor = z.object({
  type: z.enum(['schedule', 'person', 'settle', 'breakGlass']),
  id: z.string(),
  assurance: z.enum(['verified', 'claimed', 'none']),
});
const decisionItem = z.object({
  verdict: z.enum(['approved', 'denied', 'expired']),
  approver: z.optional(principal),
  at: z.string(),
  requestSha256: z.string(),
  reason: z.optional(z.string()),
});
const approvalItem = z.object({
  approvalId: z.string(),
  runId: z.string(),
  identityId: z.string(),
  kind: z.enum(['rotation', 'revocation', 'bulk']),
  request: z.string(),
  requestSha256: z.string(),
  requester: z.object({ actor, principal: z.optional(principal) }),
  taskToken: z.string(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  decision: z.optional(decisionItem),
});
const undecided = { text: 'attribute_exists(#pk) AND attribute_not_exists(#decision)', values: {} };

function ofShard(shard: string): Expression {
  return { text: '#owedPartition = :shard', values: { shard } };
}

/** Approvals, one by one, and their end. */
export function decisions(table: Table): Decisions {
  return {
    approval: async (approvalId) => {
      const item = await table.get(approvalKey(approvalId));
      return item && approvalRow(item);
    },
    decideApproval: async (approvalId, decision) => {
      const change = {
        decision: storedDecision(decision),
        owedPartition: undefined,
        nextAttemptAt: undefined,
      };
      const done = await table.update(approvalKey(approvalId), assign(change), undecided);
      return done === undefined ? 'taken' : 'decided';
    },
  };
}

/** Approvals. A pending one is in the index `owed` under a partition of its own. */
export function approvals(table: Table): Approvals {
  return {
    ...decisions(table),
    putApproval: async (approval) => {
      const { approvalId, expiresAt, decision, ...rest } = approval;
      const pending = { owedPartition: approvalShards.of(approvalId), nextAttemptAt: expiresAt };
      const stored = decision === undefined ? {} : { decision: storedDecision(decision) };
      const item = {
        ...approvalKey(approvalId),
        ...rest,
        requester: storedRequester(approval),
        approvalId,
        expiresAt,
      };
      const written = await table.put({ ...item, ...stored, ...(decision ? {} : pending) }, absent);
      return written === 'written' ? 'stored' : 'exists';
    },
    pendingApprovals: async (limit) => {
      const items = await foundIn(table, 'owed', { shards: approvalShards, keyOf: ofShard, limit });
      return pendingInOrder(items.map(approvalRow), limit);
    },
    renewTaskToken: async (approvalId, taskToken) => {
      await table.update(approvalKey(approvalId), assign({ taskToken }), undecided);
    },
  };
}

function storedDecision({ approver, ...decision }: Decision): Storable {
  return { ...decision, approver: approver && { ...approver } };
}

function storedRequester({ requester }: Approval): Storable {
  return { actor: { ...requester.actor }, principal: requester.principal && { ...requester.principal } };
}

function approvalRow(item: Item): Approval {
  const { decision, requester, ...row } = approvalItem.parse(item);
  return {
    ...row,
    requester: { actor: requester.actor, principal: requester.principal },
    decision: decision && { ...decision, approver: decision.approver, reason: decision.reason },
  };
}

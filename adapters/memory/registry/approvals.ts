import type { Approvals, StartRequests } from '../../../core/ports/approvals';
import { pendingInOrder } from '../../../core/registry/approval-rules';
import type { RegistryTables } from './tables';

/** Approvals and verified requests. */
export function approvals({ approvals: all, startRequests }: RegistryTables): Approvals & StartRequests {
  return {
    putApproval: async (approval) => {
      if (all.has(approval.approvalId)) return 'exists';
      all.set(approval.approvalId, approval);
      return 'stored';
    },
    approval: async (approvalId) => all.get(approvalId),
    pendingApprovals: async (limit) => pendingInOrder([...all.values()], limit),
    renewTaskToken: async (approvalId, taskToken) => {
      const there = all.get(approvalId);
      if (there && there.decision === undefined) all.set(approvalId, { ...there, taskToken });
    },
    decideApproval: async (approvalId, decision) => {
      const there = all.get(approvalId);
      if (there === undefined || there.decision !== undefined) return 'taken';
      all.set(approvalId, { ...there, decision });
      return 'decided';
    },
    putStartRequest: async (request) => {
      if (startRequests.has(request.executionName)) return 'exists';
      startRequests.set(request.executionName, request);
      return 'stored';
    },
    startRequest: async (executionName) => startRequests.get(executionName),
  };
}

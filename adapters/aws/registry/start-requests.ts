import * as z from 'zod/mini';
import type { StartRequest, StartRequests } from '../../../core/ports/approvals';
import { absent } from '../dynamodb/absent';
import type { Item } from '../dynamodb/attributes';
import type { Table } from '../dynamodb/table';
import { requestKey } from './keys';
import { principal } from './rows/principal';

const requestItem = z.object({
  executionName: z.string(),
  kind: z.enum(['rotation', 'revocation', 'bulk']),
  principal,
  inputSha256: z.string(),
  requestedAt: z.string(),
  breakGlass: z.enum(['asked', 'no']),
});

/** Verified requests, by the name of the execution that each was about to start. */
export function startRequests(table: Table): StartRequests {
  return {
    putStartRequest: async (request) => {
      const item = { ...requestKey(request.executionName), ...request, principal: { ...request.principal } };
      return (await table.put(item, absent)) === 'written' ? 'stored' : 'exists';
    },
    startRequest: async (executionName) => {
      const item = await table.get(requestKey(executionName));
      return item && requestRow(item);
    },
  };
}

function requestRow(item: Item): StartRequest {
  return requestItem.parse(item);
}

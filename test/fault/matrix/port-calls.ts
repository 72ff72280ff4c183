import * as z from 'zod/mini';

/** One call of a step to a port. */
export interface PortCall {
  readonly port: 'target' | 'probe' | 'vault' | 'consumers' | 'registry' | 'evidence' | 'spill';
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Calls that change something outside, or that are what a proving step is there for. */
const effects: Partial<Record<PortCall['port'], readonly string[]>> = {
  target: ['apply', 'issue', 'suspend', 'revoke', 'endSessions', 'isolate', 'block', 'unblock'],
  vault: ['putPending', 'promote', 'dropPending'],
  consumers: ['reload'],
  probe: ['observe'],
};

/** Calls that only ask. */
const reads: Partial<Record<PortCall['port'], readonly string[]>> = {
  target: ['list', 'preflight', 'countSessions'],
  vault: ['labels', 'readCurrent', 'readAuthority', 'read'],
  consumers: ['observe'],
  probe: ['observe'],
  registry: ['identity', 'standing', 'obligationsOf'],
  evidence: ['read', 'get', 'last'],
};

export function isEffect({ port, method }: PortCall): boolean {
  return effects[port]?.includes(method) ?? false;
}

export function isRead({ port, method }: PortCall): boolean {
  return reads[port]?.includes(method) ?? false;
}

const put = z.object({ body: z.string(), chain: z.string(), runId: z.string() });
const said = z.object({ type: z.string(), stage: z.string() });

/** What a put is about to store, in the table or, while that is down, beside it; undefined for every other call. */
export function recordIn({ port, method, args }: PortCall) {
  if ((port !== 'evidence' && port !== 'spill') || method !== 'put') return undefined;
  const { body, chain, runId } = put.parse(args[0]);
  return { chain, runId, ...said.parse(JSON.parse(body)) };
}

/** The record that says what a step did, saw or decided: every one but an intent. One that is spilled was refused before. */
export function isOutcome(call: PortCall): boolean {
  if (call.port !== 'evidence') return false;
  const record = recordIn(call);
  return record !== undefined && record.type !== 'ChangeIntended';
}

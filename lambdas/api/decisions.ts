import * as z from 'zod/mini';
import { idOf } from '../../core/approval/principal';
import type { Approval } from '../../core/ports/approvals';
import { notServed, parseBody, type ApiCall } from './call';
import { decide, mustBeKnown, type DecisionDeps } from './decide';
import { recordRefusal } from './record-refusal';
import { review } from './review';

const reason = z.string().check(z.minLength(3), z.maxLength(512));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'want the SHA-256 of the request, 64 hex digits'));
const approveBody = z.strictObject({ requestSha256: sha256, reason: z.optional(reason) });
const denyBody = z.strictObject({ requestSha256: sha256, reason });
const reviewBody = z.strictObject({
  verdict: z.enum(['justified', 'unjustified']),
  note: reason,
});

/** At most this many are listed; a deployment with more waiting has another problem. */
const LISTED = 100;

const served = [
  'GET /approvals',
  'GET /approvals/<id>',
  'POST /approvals/<id>/approve',
  'POST /approvals/<id>/deny',
  'POST /reviews/<runId>',
];

/**
 * What approvers may call. Looking at something decides nothing, whatever the path says: links are fetched by mail
 * scanners and chat previews (aws-samples/step-functions-workflows-collection#416).
 */
export async function decisions(deps: DecisionDeps, call: ApiCall): Promise<object> {
  const { method, path, principal } = call;
  const [collection, id, verb, ...rest] = path;
  if (rest.length > 0) throw notServed(call, served);
  if (collection === 'reviews' && id !== undefined && verb === undefined && method === 'POST')
    return review(deps, principal, id, parseBody(reviewBody, call));
  if (collection !== 'approvals') throw notServed(call, served);
  if (id === undefined && method === 'GET') return { approvals: await waiting(deps) };
  if (id !== undefined && verb === undefined && method === 'GET') return shown(await mustBeKnown(deps, id));
  if (id !== undefined && (verb === 'approve' || verb === 'deny')) return decided(deps, call, id, verb);
  throw notServed(call, served);
}

async function decided(
  deps: DecisionDeps,
  call: ApiCall,
  id: string,
  verb: 'approve' | 'deny',
): Promise<object> {
  if (call.method !== 'POST') throw await lookedAt(deps, call, id, verb);
  const given = parseBody(verb === 'approve' ? approveBody : denyBody, call);
  const verdict = verb === 'approve' ? 'approved' : 'denied';
  return shown(await decide(deps, call.principal, id, { reason: undefined, ...given, verdict }));
}

/** Somebody, or something, opened the address that only a POST decides. */
async function lookedAt(deps: DecisionDeps, call: ApiCall, id: string, verb: string) {
  const { approvalId, identityId, requester, requestSha256 } = await mustBeKnown(deps, id);
  const refusal = notServed(call, served);
  const asked = `${call.method} ${verb}`.slice(0, 40);
  await recordRefusal(deps, {
    about: approvalId,
    identityId,
    asked,
    requester: requester.actor,
    by: call.principal,
    requestSha256,
    refusal,
  });
  return refusal;
}

async function waiting({ registry, now }: DecisionDeps): Promise<readonly object[]> {
  const at = new Date(now()).toISOString();
  const pending = await registry.pendingApprovals(LISTED);
  return pending.filter(({ expiresAt }) => expiresAt > at).map(shown);
}

/** An approval as a person may see it: field by field, so that the token cannot slip out. */
function shown(approval: Approval): object {
  const { approvalId, runId, identityId, kind, request, requestSha256, requestedAt, expiresAt } = approval;
  const { decision, requester } = approval;
  return {
    approvalId,
    runId,
    identityId,
    kind,
    request,
    requestSha256,
    requester: requester.actor,
    requestedAt,
    expiresAt,
    decision: decision ? { ...decision, approver: decision.approver ? idOf(decision.approver) : null } : null,
  };
}

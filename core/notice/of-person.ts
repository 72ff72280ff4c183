import { noticeOf, type Notice, type Told } from './notice';

type Request = Pick<Told, 'runId' | 'ledgerId' | 'kind' | 'identityId' | 'owner' | 'deadline' | 'at'>;
const quiet = { outcome: null, level: null, cause: null } as const;

/** A second person is asked to agree. It names the request; no answer to it decides anything. */
export function approvalNotice(request: Request, approvalId: string, asks: string): Notice {
  const title = `Approval wanted: ${request.kind} of ${request.identityId}`;
  const says = `${asks} Without an answer it is denied.`;
  const nextSteps = [`gapless approve ${approvalId}, or gapless deny ${approvalId}`];
  return noticeOf({ ...request, ...quiet, state: 'approval.requested', call: { title, says, nextSteps } });
}

/** A revocation went on without the second person it needs: it is looked at afterwards. */
export function brokenGlassNotice(request: Request, who: string): Notice {
  const title = `Break-glass: ${request.identityId} is revoked without an approval`;
  const says = `${who} left out the second person. A review is owed within 24 hours.`;
  const nextSteps = ['docs/runbooks/break-glass-used.md', `gapless evidence show ${request.runId}`];
  return noticeOf({ ...request, ...quiet, state: 'glass.broken', call: { title, says, nextSteps } });
}

import { actorOf } from '../../../core/approval/principal';
import { append } from '../../../core/evidence/append';
import type { Actor, EvidenceRecord, Statement } from '../../../core/evidence/record';
import type { Approval, Decisions, Decision } from '../../../core/ports/approvals';
import type { RunRegistry } from '../../../core/ports/registry';
import { finish } from '../close/finish';
import { iso, type Deps, type Using } from '../deps';
import { newest, storyOf } from '../heads';
import { terminalOf } from '../short-run';
import { stampOf } from '../stamp';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Decisions>;
type Decided = Approval & { readonly decision: Decision };

const CLOCK: Actor = { type: 'settle', id: 'approval', assurance: 'verified' };

/** The approval with its decision; one that nobody has decided is denied here, for ever. */
export async function decidedOrExpired(deps: Ports, approvalId: string): Promise<Decided | undefined> {
  for (;;) {
    const approval = await deps.registry.approval(approvalId);
    if (!approval) return undefined;
    const { decision } = approval;
    if (decision) return { ...approval, decision };
    await deps.registry.decideApproval(approvalId, {
      verdict: 'expired',
      approver: undefined,
      at: iso(deps.now()),
      requestSha256: approval.requestSha256,
      reason: 'the wait ended and nobody had decided',
    });
  }
}

/**
 * Closes the run of an approval by its stored decision. The function that took the decision, the step that reads it and
 * CloseFailed all call it, in any order and any number of times: the records are the same and are written once.
 */
export async function closeApproval(deps: Ports, { approvalId, ...approval }: Decided): Promise<void> {
  const story = await storyOf(deps.evidence, approvalId);
  const opened = newest(story.run, 'RunOpened');
  if (!opened) return;
  if (newest(story.run, 'RunClosed')) return finish(deps, story);
  const { decision } = approval;
  const actor = decision.approver ? actorOf(decision.approver) : CLOCK;
  const stamp = stampOf(deps, { runId: approvalId, fence: opened.fence, actor }, 'Decide', opened.controls);
  const records: EvidenceRecord[] = [...story.run];
  let head = { seq: story.heads.seq, prev: story.heads.prev };
  const write = async (statement: Statement): Promise<void> => {
    const at = iso(deps.now());
    const written = await append(deps.evidence, stamp, {
      chain: 'RUN',
      head,
      item: approvalId,
      at,
      statement,
    });
    records.push(written.record);
    head = written.head;
  };
  if (!newest(story.run, 'ApprovalDecided')) await write(decidedBy({ approvalId, ...approval }));
  await write(terminalOf(records, endingOf(decision)));
  await finish(deps, { run: records });
}

/** What the records of the approval, and of the run that was approved, say of a decision. */
export function decidedBy({ decision, requester, requestSha256 }: Decided): Statement {
  return {
    type: 'ApprovalDecided',
    decision: decision.verdict,
    requester: requester.actor,
    approver: decision.approver ? actorOf(decision.approver) : null,
    requestSha256,
    cause: decision.reason ?? null,
  };
}

function endingOf({ verdict, reason }: Decision): Parameters<typeof terminalOf>[1] {
  if (verdict === 'approved') return { outcome: 'recorded', cause: undefined };
  const sentence = `${verdict}: ${reason ?? 'no reason given'}`;
  return { outcome: 'not-approved', cause: { code: 'NotApproved', sentence } };
}

import { approvalList, approvalView, requestLines, type ApprovalView } from '../api/approval-view';
import { callApi } from '../api/call-api';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';

export interface ApprovalsOptions {
  readonly folder: string;
  readonly speech: Speech;
  /** Shows this one; all that wait when absent. */
  readonly approvalId: string | undefined;
  /** Who looks, on a local engine. */
  readonly as: string;
}

const HEAD = ['expires', 'approval', 'kind', 'identity', 'asked by'];

/** Lists what waits for a decision, or shows one request in full. Decides nothing. */
export async function approvals(options: ApprovalsOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const { approvalId, as } = options;
  const connection = connect(options.folder, process.env);
  if (approvalId !== undefined) {
    const path = `approvals/${encodeURIComponent(approvalId)}`;
    const view = approvalView.parse(await callApi(connection, { api: 'decisions', method: 'GET', path, as }));
    terminal.document(view);
    for (const line of requestLines(view)) terminal.line(line);
    terminal.message(nextOf(view));
    return exitCodes.ok;
  }
  const answer = await callApi(connection, { api: 'decisions', method: 'GET', path: 'approvals', as });
  const found = approvalList.parse(answer).approvals;
  terminal.document({ approvals: found });
  if (found.length > 0) for (const line of table([HEAD, ...found.map(cells)])) terminal.line(line);
  terminal.message(
    found.length === 0
      ? 'Nothing waits for an approval.'
      : `${found.length} wait. Next: npx gapless approvals ${found[0]?.approvalId ?? ''}`,
  );
  return exitCodes.ok;
}

function cells({ expiresAt, approvalId, kind, identityId, requester }: ApprovalView): readonly string[] {
  return [expiresAt.slice(0, 19), approvalId, kind, identityId, `${requester.id} (${requester.assurance})`];
}

function nextOf({ decision, approvalId, requestSha256 }: ApprovalView): string {
  if (!decision)
    return `Nobody has decided. Next: npx gapless approve ${approvalId} --sha256 ${requestSha256}, or npx gapless deny ${approvalId} --reason "<why>"`;
  const by = decision.approver === null ? '' : ` by ${decision.approver}`;
  return `It was ${decision.verdict}${by} at ${decision.at}.`;
}

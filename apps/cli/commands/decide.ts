import { createHash } from 'node:crypto';
import { approvalView, requestLines, type ApprovalView } from '../api/approval-view';
import { callApi } from '../api/call-api';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { Terminal, type Speech } from '../output/terminal';

export interface DecideOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly approvalId: string;
  readonly verb: 'approve' | 'deny';
  readonly reason: string | undefined;
  /** Hash of the request as it was seen; what the API shows now when absent. */
  readonly sha256: string | undefined;
  /** Who decides, on a local engine. */
  readonly as: string;
}

/** Shows the request, then decides it by the hash of exactly what was shown. */
export async function decide(options: DecideOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const { approvalId, verb, as, reason } = options;
  const connection = connect(options.folder, process.env);
  const path = `approvals/${encodeURIComponent(approvalId)}`;
  const seen = approvalView.parse(await callApi(connection, { api: 'decisions', method: 'GET', path, as }));
  for (const line of requestLines(seen)) terminal.progress(line);
  const requestSha256 = hashOf(seen, options.sha256);
  const body = { requestSha256, ...(reason === undefined ? {} : { reason }) };
  const decided = approvalView.parse(
    await callApi(connection, { api: 'decisions', method: 'POST', path: `${path}/${verb}`, body, as }),
  );
  terminal.document(decided);
  const verdict = decided.decision?.verdict ?? 'undecided';
  terminal.line(terminal.colours.green(`${verdict} by ${decided.decision?.approver ?? 'nobody'}`));
  terminal.message(
    verdict === 'approved'
      ? `Run ${decided.runId} of ${decided.identityId} goes on. Next: npx gapless evidence show ${decided.runId}`
      : `Run ${decided.runId} of ${decided.identityId} ends as not approved; nothing was changed.`,
  );
  return exitCodes.ok;
}

/** The hash of what was shown; it is never taken from an answer, which may say anything. */
function hashOf({ request }: ApprovalView, expected: string | undefined): string {
  const shown = createHash('sha256').update(request).digest('hex');
  if (expected === undefined || expected === shown) return shown;
  throw new Exit(
    'notApproved',
    `--sha256: got ${expected.slice(0, 64)}, the request has ${shown}. It is not the one that was seen. Nothing was changed.`,
  );
}

import * as z from 'zod/mini';
import { callApi } from '../api/call-api';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { Terminal, type Speech } from '../output/terminal';

export interface ReviewOptions {
  readonly folder: string;
  readonly speech: Speech;
  /** The run that went without a second person. */
  readonly runId: string;
  readonly verdict: string;
  readonly note: string;
  /** Who reviews, on a local engine. */
  readonly as: string;
}

const reviewed = z.object({ runId: z.string(), about: z.string(), verdict: z.string() });

/** Records the review of a run whose glass was broken, which pays what it owes. */
export async function review(options: ReviewOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const { runId, verdict, note, as } = options;
  if (verdict !== 'justified' && verdict !== 'unjustified') {
    const sentence = `--verdict: got ${JSON.stringify(verdict.slice(0, 40))}, want justified or unjustified`;
    throw new Exit('usage', `${sentence}. Nothing was changed.`);
  }
  const connection = connect(options.folder, process.env);
  const path = `reviews/${encodeURIComponent(runId)}`;
  const body = { verdict, note };
  const answer = reviewed.parse(
    await callApi(connection, { api: 'decisions', method: 'POST', path, body, as }),
  );
  terminal.document(answer);
  terminal.line(terminal.colours.green(`reviewed: ${answer.verdict}`));
  terminal.message(`The review is recorded. Next: npx gapless evidence show ${answer.runId}`);
  return exitCodes.ok;
}

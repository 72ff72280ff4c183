import { approvalIdOf } from '../../../core/approval/request';
import type { BulkPlan } from '../../../core/bulk/plan';
import { reasonOf } from '../by-hand';
import { askToConfirm, confirmationOf, type Asking } from '../confirm';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { exitOfRun } from '../outcome';
import { censusLines, planLines } from '../output/bulk-lines';
import { Terminal, type Speech } from '../output/terminal';
import { openStores } from '../stores';
import { begin, bulkMachineOf, planned, untilEnded, type Selected } from '../watch/bulk';
import { censusOf, type BulkCensus } from '../watch/bulk-census';

export interface RevokeBulkOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly select: Selected;
  readonly reason: string;
  readonly actor: string;
  /** The number of identities, where nobody can be asked to type it. */
  readonly confirm: string | undefined;
  /** `listed`: what would die is listed, and nothing is changed. */
  readonly how: 'listed' | 'revoked';
  readonly until: 'ended' | 'started';
  /** Name of an execution that is started without the API, which is the id of the bulk run. */
  readonly runId: string;
  readonly asking: Asking;
}

/**
 * Lists whom a selection means and what depends on them, then, once their number was typed, revokes them all and prints
 * what became of each.
 */
export async function revokeBulk(options: RevokeBulkOptions): Promise<number> {
  const { select, actor } = options;
  const reason = reasonOf(options.reason);
  const terminal = new Terminal(options.speech);
  const connection = connect(options.folder, process.env);
  const machine = bulkMachineOf(connection);
  const stores = openStores(connection);
  try {
    const plan = await planned(stores, machine, { select, reason });
    for (const line of planLines(plan)) terminal.line(line);
    if (options.how === 'listed') return listed(terminal, plan);
    await mustBeConfirmed(plan, options);
    const run = await begin(stores, connection, machine, { select, reason, actor, runId: options.runId });
    const { runId, executionArn } = run;
    terminal.message(begunText(plan, run));
    if (options.until === 'started') {
      terminal.document({ runId, outcome: 'open', asked: plan.asked });
      return exitCodes.ok;
    }
    const end = await untilEnded(stores, executionArn);
    return ended(terminal, await censusOf(stores, runId), end.cause);
  } finally {
    stores.close();
  }
}

function listed(terminal: Terminal, plan: BulkPlan): number {
  terminal.document({ ...plan });
  terminal.message('Only listed; nothing was changed. Without --dry-run they are revoked.');
  return exitCodes.ok;
}

async function mustBeConfirmed({ asked }: BulkPlan, { confirm, asking }: RevokeBulkOptions): Promise<void> {
  const count = String(asked);
  if (confirmationOf(count, confirm, asking) === 'given') return;
  const question = `Every credential of these ${count} identities becomes unusable, at once. This cannot be undone.\nType ${count} to go on: `;
  await askToConfirm(count, question, asking);
}

function begunText({ approval }: BulkPlan, { runId, asked }: Awaited<ReturnType<typeof begin>>): string {
  const waits =
    approval === 'required'
      ? ` It waits for another person, 15 minutes at most: npx gapless approve ${approvalIdOf(runId)}.`
      : '';
  const who = asked === 'claimed' ? ' Who asked for it is only claimed: docs/approvals.md.' : '';
  return `Bulk run ${runId} was started and goes on if this command ends.${waits}${who}`;
}

function ended(terminal: Terminal, found: BulkCensus, cause: string): number {
  const { runId, outcome, causeCode, census, runs } = found;
  terminal.document({ runId, kind: 'bulk', outcome, census, runs, causeCode, cause });
  for (const line of censusLines(found)) terminal.line(line);
  if (outcome !== 'verified') terminal.message(`${causeCode ?? outcome}: ${cause}`);
  terminal.message(`The records: npx gapless evidence show ${runId}. What is owed: npx gapless obligations`);
  return exitCodes[exitOfRun({ outcome, causeCode })];
}

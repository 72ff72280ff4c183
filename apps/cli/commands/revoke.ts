import {
  begin,
  leaveOnInterrupt,
  leftToItself,
  mustBeEnrolled,
  mustVerifyWhoAsks,
  reasonOf,
} from '../by-hand';
import { askToConfirm, confirmationOf, type Asking } from '../confirm';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { countOf, printWaiting, type Waiting } from '../ledger/late-records';
import { clockLines } from '../output/revocation-lines';
import { Terminal, type Speech } from '../output/terminal';
import { exitOfRevocation } from '../outcome';
import { openStores } from '../stores';
import { revocationOf } from '../watch/revocation';
import { watchRun, type WatchedRun } from '../watch/run';

export interface RevokeOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly identityId: string;
  readonly reason: string;
  readonly actor: string;
  /** The id once more, where nobody can be asked to type it. */
  readonly confirm: string | undefined;
  /** Whether a new credential is made afterwards, by a run of its own. */
  readonly afterwards: 'nothing' | 'reissue';
  /** Whether a second person is asked where the policy wants one. */
  readonly secondPerson: 'asWanted' | 'skipped';
  readonly until: 'ended' | 'started';
  /** Name of the execution, which is the id of the run. */
  readonly runId: string;
  readonly asking: Asking;
  /** Milliseconds that only ever rise. */
  readonly monotonic: () => number;
}

/** Starts an emergency revocation and shows each credential dying, against the clock of its deadline. */
export async function revoke(options: RevokeOptions): Promise<number> {
  const { identityId, actor, secondPerson, monotonic } = options;
  const reason = reasonOf(options.reason);
  const confirmation = confirmationOf(identityId, options.confirm, options.asking);
  const terminal = new Terminal(options.speech);
  const connection = connect(options.folder, process.env);
  if (secondPerson === 'skipped') mustVerifyWhoAsks(connection);
  terminal.message(`Revoking ${identityId} (${connection.where}).`);
  const stores = openStores(connection);
  try {
    await mustBeEnrolled(stores, identityId);
    if (confirmation === 'ask') await askToConfirm(identityId, questionOf(identityId), options.asking);
    const reissue = options.afterwards === 'reissue';
    const input = { identityId, reason, ...(reissue && { reissue }) };
    const asked = { machine: 'revocation', runId: options.runId, actor, input, secondPerson } as const;
    const { runId, executionArn } = await begin(stores, connection, asked);
    if (options.until === 'started') return leftToItself(terminal, runId);
    leaveOnInterrupt(terminal, runId);
    const run = await watchRun({ ...stores, terminal, revocation: { monotonic } }, executionArn);
    return ended(terminal, run, { ...options, late: await stores.late.waiting(runId) });
  } finally {
    stores.close();
  }
}

function questionOf(identityId: string): string {
  return `Every credential of ${identityId} becomes unusable and its sessions end, at once. This cannot be undone.\nType ${identityId} to go on: `;
}

interface Ending extends Pick<RevokeOptions, 'afterwards'> {
  /** Records of the run that are not in the evidence table yet. */
  readonly late: Waiting;
}

function ended(terminal: Terminal, run: WatchedRun, { afterwards, late }: Ending): number {
  const { closed } = run;
  const failure = run.stages.at(-1)?.failures.at(-1);
  const outcome = closed?.outcome ?? 'open';
  const causeCode = closed?.causeCode ?? failure?.error ?? null;
  const cause = closed?.cause ?? failure?.cause ?? null;
  const facts = revocationOf(run.chains);
  const proofLevel = closed?.level ?? 'L0';
  terminal.document({
    runId: run.runId,
    kind: 'revocation',
    identity: run.identityId,
    outcome,
    proofLevel,
    stages: run.stages.map(({ name, ms, proof }) => ({ name, ...(proof && { verdict: proof.verdict }), ms })),
    ...facts,
    owes: closed?.owes ?? [],
    transitions: run.execution.transitions,
    causeCode,
    cause,
    evidenceWaiting: countOf(late),
  });
  terminal.line();
  if (facts.credentials.length > 0) for (const line of clockLines(terminal, facts)) terminal.line(line);
  const paint = outcome === 'verified' ? terminal.colours.green : terminal.colours.yellow;
  terminal.line(paint(`${outcome} at ${proofLevel}`));
  printWaiting(terminal, late);
  if (cause !== null && outcome !== 'verified') terminal.message(`${causeCode ?? ''}: ${cause}`);
  terminal.message(nextOf(run, afterwards));
  const exit = exitOfRevocation({ outcome, causeCode });
  return exitCodes[exit === 'ok' && countOf(late) > 0 ? 'gapFound' : exit];
}

function nextOf({ identityId, runId, closed }: WatchedRun, afterwards: RevokeOptions['afterwards']): string {
  const owes = closed?.owes ?? [];
  const owed =
    owes.length === 0
      ? ''
      : ` Still owed, and tried again until it is proven: ${owes.join(', ')}. See: npx gapless obligations --identity ${identityId}.`;
  if (closed?.outcome !== 'verified') {
    const changed = owes.length === 0 ? ' See the records for what was changed.' : '';
    return `${identityId} is not proven revoked.${owed}${changed} Next: npx gapless evidence show ${runId}`;
  }
  const next =
    afterwards === 'reissue'
      ? `A new credential is asked for by a run of its own: npx gapless runs --identity ${identityId}`
      : `To make it work again, once what was removed at the target has been made there anew: npx gapless rotate ${identityId} --reissue ${runId} --reason "<why>"`;
  return `Every credential of ${identityId} is proven refused, and no session is left.${owed} ${next}. The proof: npx gapless evidence show ${runId}`;
}

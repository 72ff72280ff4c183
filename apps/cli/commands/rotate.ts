import { begin, leaveOnInterrupt, leftToItself, mustBeEnrolled, reasonOf } from '../by-hand';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { shortSeconds } from '../output/durations';
import { Terminal, type Speech } from '../output/terminal';
import { exitOfRun } from '../outcome';
import { openStores } from '../stores';
import { watchRun, type WatchedRun } from '../watch/run';

export interface RotateOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly identityId: string;
  readonly reason: string;
  /** Who asks: verified by the session on AWS and by the session's name on a local engine, else claimed. */
  readonly actor: string;
  /** The revocation after which this run makes a new credential. */
  readonly reissue: string | undefined;
  /** How long to stay with the run. */
  readonly until: 'ended' | 'started';
  /** Name of an execution that is started without the API, which is the id of its run. */
  readonly runId: string;
}

/** Starts a rotation by hand and shows it stage by stage. */
export async function rotate(options: RotateOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const { identityId, actor, reissue } = options;
  const reason = reasonOf(options.reason);
  const connection = connect(options.folder, process.env);
  terminal.message(`Rotating ${identityId} (${connection.where}).`);
  const stores = openStores(connection);
  try {
    await mustBeEnrolled(stores, identityId);
    const asked = {
      runId: options.runId,
      actor,
      input: { identityId, reason, ...(reissue !== undefined && { reissue }) },
    };
    const { runId, executionArn } = await begin(stores, connection, { machine: 'rotation', ...asked });
    if (options.until === 'started') return leftToItself(terminal, runId);
    leaveOnInterrupt(terminal, runId);
    return closed(terminal, await watchRun({ ...stores, terminal }, executionArn));
  } finally {
    stores.close();
  }
}

function closed(terminal: Terminal, run: WatchedRun): number {
  const { closed } = run;
  const failure = run.stages.at(-1)?.failures.at(-1);
  const outcome = closed?.outcome ?? 'open';
  const causeCode = closed?.causeCode ?? failure?.error ?? null;
  const cause = closed?.cause ?? failure?.cause ?? null;
  terminal.document({
    runId: run.runId,
    identity: run.identityId,
    outcome,
    proofLevel: closed?.level ?? 'L0',
    stages: run.stages.map(({ name, ms, proof }) => ({ name, ...(proof && { verdict: proof.verdict }), ms })),
    exposureSeconds: closed?.exposureSeconds ?? null,
    gapSeconds: closed?.unavailableSeconds ?? null,
    transitions: run.execution.transitions,
    causeCode,
    cause,
  });
  const paint = outcome === 'verified' ? terminal.colours.green : terminal.colours.yellow;
  terminal.line();
  terminal.line(
    paint(`${outcome} at ${closed?.level ?? 'L0'}`) +
      (closed
        ? `, exposure ${shortSeconds(closed.exposureSeconds)}, gap ${shortSeconds(closed.unavailableSeconds)}`
        : ''),
  );
  if (cause !== null && outcome !== 'verified') terminal.message(`${causeCode ?? ''}: ${cause}`);
  terminal.message(`${changed(run)} Next: npx gapless evidence show ${run.runId}`);
  return exitCodes[exitOfRun({ outcome, causeCode })];
}

function changed({ identityId, closed }: WatchedRun): string {
  switch (closed?.outcome) {
    case 'verified':
      return `${identityId} is on its new credential, and the old one is proven refused.`;
    case 'rolled-back':
      return `${identityId} is on its old credential again, and the new one is proven refused.`;
    case 'refused':
      return 'Nothing was changed.';
    default:
      return closed && closed.owes.length > 0
        ? `Still owed, and settled by itself: ${closed.owes.join(', ')}.`
        : 'See the records for what was changed.';
  }
}

import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { callApi } from '../api/call-api';
import { connect, type Connection } from '../connection';
import { Exit, exitCodes } from '../exit';
import { shortSeconds } from '../output/durations';
import { Terminal, type Speech } from '../output/terminal';
import { exitOfRun } from '../outcome';
import { openStores, type Stores } from '../stores';
import { watchRun, type WatchedRun } from '../watch/run';

export interface RotateOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly identityId: string;
  readonly reason: string;
  /** Who asks: verified by the session on AWS and by the session's name on a local engine, else claimed. */
  readonly actor: string;
  /** How long to stay with the run. */
  readonly until: 'ended' | 'started';
  /** Name of an execution that is started without the API, which is the id of its run. */
  readonly runId: string;
}

/** Starts a rotation by hand and shows it stage by stage. */
export async function rotate(options: RotateOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const reason = reasonOf(options.reason);
  const connection = connect(options.folder, process.env);
  terminal.message(`Rotating ${options.identityId} (${connection.where}).`);
  const stores = openStores(connection);
  try {
    await mustBeEnrolled(stores, options.identityId);
    const { runId, executionArn } = await begin(stores, connection, { ...options, reason });
    if (options.until === 'started') return left(terminal, runId);
    const leave = () =>
      terminal.error(
        `Left run ${runId} to itself; it goes on. Look at it with: npx gapless evidence show ${runId}`,
      );
    process.once('SIGINT', () => {
      leave();
      process.exit(exitCodes.interrupted);
    });
    return closed(terminal, await watchRun({ ...stores, terminal }, executionArn));
  } finally {
    stores.close();
  }
}

function reasonOf(reason: string): string {
  if (reason.length >= 3 && reason.length <= 512) return reason;
  throw new Exit(
    'usage',
    `--reason: got ${reason.length} characters, want 3 to 512 that say why. Nothing was changed.`,
  );
}

/** @throws Exit usage for an identity nobody enrolled, naming those that are */
async function mustBeEnrolled({ registry }: Stores, id: string): Promise<void> {
  if (await registry.identity(id)) return;
  const known = (await registry.identities()).map((row) => row.id);
  const allowed =
    known.length === 0
      ? 'none is enrolled yet; the next sweep enrols the policies within a minute'
      : `enrolled are ${known.slice(0, 20).join(', ')}`;
  throw new Exit(
    'usage',
    `identity: got ${JSON.stringify(id.slice(0, 80))}, want one that is enrolled; ${allowed}. Nothing was changed. See the policies with: npx gapless plan`,
  );
}

interface Begun {
  readonly runId: string;
  readonly executionArn: string;
}

/** Through the API where its URL is known, because then who asks is verified. */
async function begin(stores: Stores, connection: Connection, options: RotateOptions): Promise<Begun> {
  const { rotationMachine, urls } = connection;
  if (rotationMachine === undefined) {
    throw new Exit(
      'usage',
      'GAPLESS_ROTATION_MACHINE: is not set, want the ARN in the output RotationMachine of the stack GaplessWorkflow. Nothing was changed.',
    );
  }
  const { identityId, reason, actor, runId } = options;
  if (urls.requests === undefined) {
    const input = JSON.stringify({ identityId, reason, actor });
    const command = new StartExecutionCommand({ stateMachineArn: rotationMachine, name: runId, input });
    const { executionArn = '' } = await stores.machines.send(command);
    return { runId, executionArn };
  }
  const body = { identityId, reason };
  const request = { api: 'requests', method: 'POST', path: 'rotations', body, as: actor } as const;
  const asked = begun.parse(await callApi(connection, request));
  const executions = rotationMachine.replace(':stateMachine:', ':execution:');
  return { runId: asked.runId, executionArn: `${executions}:${asked.runId}` };
}

const begun = z.object({ runId: z.string() });

function left(terminal: Terminal, runId: string): number {
  terminal.document({ runId, outcome: 'open' });
  terminal.line(runId);
  terminal.message(
    `The run was started and goes on by itself. Look at it with: npx gapless evidence show ${runId}`,
  );
  return exitCodes.ok;
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

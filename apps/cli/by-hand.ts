import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import type { IdentityRow } from '../../core/ports/registry';
import { callApi } from './api/call-api';
import type { Connection } from './connection';
import { Exit, exitCodes } from './exit';
import type { Terminal } from './output/terminal';
import type { Stores } from './stores';

/** A run that a person starts. */
export interface StartedByHand {
  readonly machine: 'rotation' | 'revocation';
  /** Name of an execution that is started without the API, which is the id of its run. */
  readonly runId: string;
  /** Who asks; on AWS the session that calls the API says so itself. */
  readonly actor: string;
  readonly input: { readonly identityId: string; readonly reason: string };
  /** `skipped`: no second person is asked, and the run is reviewed afterwards. */
  readonly secondPerson?: 'asWanted' | 'skipped';
}

/** The run that was started. */
export interface Begun {
  readonly runId: string;
  readonly executionArn: string;
}

const begun = z.object({ runId: z.string() });

/** Where else the ARN of a machine is found. */
const named = {
  rotation: { variable: 'GAPLESS_ROTATION_MACHINE', output: 'RotationMachine' },
  revocation: { variable: 'GAPLESS_REVOCATION_MACHINE', output: 'RevocationMachine' },
} as const;

/** Why a person wants it, as evidence keeps it. @throws Exit usage */
export function reasonOf(reason: string): string {
  if (reason.length >= 3 && reason.length <= 512) return reason;
  throw new Exit(
    'usage',
    `--reason: got ${reason.length} characters, want 3 to 512 that say why. Nothing was changed.`,
  );
}

/** @throws Exit usage for an identity nobody enrolled, naming those that are */
export async function mustBeEnrolled({ registry }: Stores, id: string): Promise<IdentityRow> {
  const row = await registry.identity(id);
  if (row) return row;
  const known = (await registry.identities()).map((each) => each.id);
  const allowed =
    known.length === 0
      ? 'none is enrolled yet; the next sweep enrols the policies within a minute'
      : `enrolled are ${known.slice(0, 20).join(', ')}`;
  throw new Exit(
    'usage',
    `identity: got ${JSON.stringify(id.slice(0, 80))}, want one that is enrolled; ${allowed}. Nothing was changed. See the policies with: npx gapless plan`,
  );
}

/**
 * Starts a run: through the API where its URL is known, because then who asks is verified.
 * @throws Exit usage where the machine is not known; notApproved for what only the API may start
 */
export async function begin(
  { machines }: Pick<Stores, 'machines'>,
  connection: Connection,
  asked: StartedByHand,
): Promise<Begun> {
  const { machine, runId, actor, input, secondPerson = 'asWanted' } = asked;
  const { rotationMachine, revocationMachine, urls } = connection;
  const { variable, output } = named[machine];
  const stateMachineArn = { rotation: rotationMachine, revocation: revocationMachine }[machine];
  if (stateMachineArn === undefined) {
    throw new Exit(
      'usage',
      `${variable}: is not set, want the ARN in the output ${output} of the stack GaplessWorkflow. Nothing was changed.`,
    );
  }
  if (urls.requests !== undefined) {
    const body = { ...input, ...(secondPerson === 'skipped' && { breakGlass: true }) };
    const request = { api: 'requests', method: 'POST', path: `${machine}s`, body, as: actor } as const;
    const started = begun.parse(await callApi(connection, request));
    const executions = stateMachineArn.replace(':stateMachine:', ':execution:');
    return { runId: started.runId, executionArn: `${executions}:${started.runId}` };
  }
  const text = JSON.stringify({ ...input, actor });
  const start = new StartExecutionCommand({ stateMachineArn, name: runId, input: text });
  return { runId, executionArn: (await machines.send(start)).executionArn ?? '' };
}

/**
 * Who skips the second person must be known for certain, and an execution's input only claims it.
 * @throws Exit notApproved where nobody could verify who asks
 */
export function mustVerifyWhoAsks({ urls }: Pick<Connection, 'urls'>): void {
  if (urls.requests !== undefined) return;
  throw new Exit(
    'notApproved',
    '--break-glass: needs the requests URL, which verifies who asks: set GAPLESS_REQUESTS_URL to the output RequestsUrl of the stack GaplessWorkflow. Nothing was changed. A policy whose approval.revocation is never, the default, needs no second person.',
  );
}

/** Says that a run was started and is not waited for. */
export function leftToItself(terminal: Terminal, runId: string): number {
  terminal.document({ runId, outcome: 'open' });
  terminal.line(runId);
  terminal.message(
    `The run was started and goes on by itself. Look at it with: npx gapless evidence show ${runId}`,
  );
  return exitCodes.ok;
}

/** From here on Ctrl-C ends the command and nothing else. */
export function leaveOnInterrupt(terminal: Terminal, runId: string): void {
  process.once('SIGINT', () => {
    terminal.error(
      `Left run ${runId} to itself; it goes on. Look at it with: npx gapless evidence show ${runId}`,
    );
    process.exit(exitCodes.interrupted);
  });
}

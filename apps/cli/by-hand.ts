import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { IdentityRow } from '../../core/ports/registry';
import type { Connection } from './connection';
import { Exit, exitCodes } from './exit';
import type { Terminal } from './output/terminal';
import type { Stores } from './stores';

/** A run that a person starts. */
export interface StartedByHand {
  readonly machine: 'rotation' | 'revocation';
  /** Name of the execution, which is the id of the run. */
  readonly runId: string;
  readonly input: object;
}

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

/** @returns the ARN of the execution. @throws Exit usage where the machine is not known */
export async function begin(
  { machines }: Pick<Stores, 'machines'>,
  { rotationMachine, revocationMachine }: Pick<Connection, 'rotationMachine' | 'revocationMachine'>,
  { machine, runId, input }: StartedByHand,
): Promise<string> {
  const { variable, output } = named[machine];
  const stateMachineArn = { rotation: rotationMachine, revocation: revocationMachine }[machine];
  if (stateMachineArn === undefined) {
    throw new Exit(
      'usage',
      `${variable}: is not set, want the ARN in the output ${output} of the stack GaplessWorkflow. Nothing was changed.`,
    );
  }
  const start = new StartExecutionCommand({ stateMachineArn, name: runId, input: JSON.stringify(input) });
  return (await machines.send(start)).executionArn ?? '';
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

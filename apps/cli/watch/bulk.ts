import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { BulkPlan } from '../../../core/bulk/plan';
import { callApi } from '../api/call-api';
import type { Connection } from '../connection';
import { Exit } from '../exit';
import type { Stores } from '../stores';

/** `select` as the machine takes it. */
export interface Selected {
  readonly owner?: string | undefined;
  readonly tag?: string | undefined;
  readonly kind?: string | undefined;
  readonly incident?: string | undefined;
  readonly ids?: readonly string[] | undefined;
}

type Machines = Pick<Stores, 'machines'>;

const text = z.string();
const stage = z.enum(['AWSPENDING', 'AWSCURRENT', 'AWSPREVIOUS', 'unlabelled']);
const plan = z.object({
  asked: z.int(),
  dies: z.array(
    z.object({
      identityId: text,
      kind: text,
      owner: text,
      versions: z.array(z.object({ versionId: text, stage: stage })),
    }),
  ),
  leaves: z.array(z.object({ identityId: text, why: text })),
  dependents: z.array(z.object({ consumer: text, identityIds: z.array(text) })),
  approval: z.enum(['required', 'never']),
});

const LOOK_EVERY_MS = 500;

/** @throws Exit usage where the machine is not known */
export function bulkMachineOf({ bulkMachine }: Pick<Connection, 'bulkMachine'>): string {
  if (bulkMachine !== undefined) return bulkMachine;
  throw new Exit(
    'usage',
    'GAPLESS_BULK_MACHINE: is not set, want the ARN in the output BulkRevocationMachine of the stack GaplessWorkflow. Nothing was changed.',
  );
}

/** Whom a selection means, as the machine itself finds it. @throws Exit usage with its sentence, such as for nobody */
export async function planned(
  stores: Machines,
  machine: string,
  asked: { readonly select: Selected; readonly reason: string },
): Promise<BulkPlan> {
  const executionArn = await startBulk(stores, machine, undefined, { ...asked, dryRun: true });
  const { status, output, cause } = await untilEnded(stores, executionArn);
  if (status === 'SUCCEEDED') return plan.parse(JSON.parse(output));
  throw new Exit('usage', cause || `The dry run ended ${status}. Nothing was changed. Try again.`);
}

/** Starts the machine. @returns the execution's ARN */
export async function startBulk(
  { machines }: Machines,
  stateMachineArn: string,
  name: string | undefined,
  input: object,
): Promise<string> {
  const start = new StartExecutionCommand({
    stateMachineArn,
    ...(name !== undefined && { name }),
    input: JSON.stringify(input),
  });
  return (await machines.send(start)).executionArn ?? '';
}

const begun = z.object({ runId: text });

/** A bulk revocation that is to be begun. */
export interface AskedFor {
  readonly select: Selected;
  readonly reason: string;
  readonly actor: string;
  /** Name of an execution that is started without the API, which is the id of its run. */
  readonly runId: string;
}

/** Begins a bulk revocation: through the API where its URL is known, because then who asks is verified. */
export async function begin(
  stores: Machines,
  connection: Connection,
  machine: string,
  { select, reason, actor, runId }: AskedFor,
): Promise<{
  readonly runId: string;
  readonly executionArn: string;
  readonly asked: 'verified' | 'claimed';
}> {
  const body = { select, reason };
  if (connection.urls.requests === undefined) {
    const executionArn = await startBulk(stores, machine, runId, { ...body, actor });
    return { runId, executionArn, asked: 'claimed' };
  }
  const request = { api: 'requests', method: 'POST', path: 'bulk-revocations', body, as: actor } as const;
  const started = begun.parse(await callApi(connection, request));
  const executions = machine.replace(':stateMachine:', ':execution:');
  return { runId: started.runId, executionArn: `${executions}:${started.runId}`, asked: 'verified' };
}

/** Waits for the end of an execution. Reads only. */
export async function untilEnded({ machines }: Machines, executionArn: string) {
  for (;;) {
    const found = await machines.send(new DescribeExecutionCommand({ executionArn }));
    const { status = 'RUNNING', output = '', cause = '' } = found;
    if (status !== 'RUNNING' && status !== 'PENDING_REDRIVE') return { status, output, cause };
    await pause(LOOK_EVERY_MS);
  }
}

import { DescribeExecutionCommand, StartExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { Failure } from '../../core/failure';
import type { Executions } from '../../core/ports/executions';
import { endingOf } from '../../core/run/stopped';
import { sdkErrorName, storeFailure } from './sdk-failure';

type Machine = Parameters<Executions['start']>[0];

/** ARNs of the machines this function may start; one that is missing was not given to it on purpose. */
export type MachineArns = Readonly<Partial<Record<Machine, string>>>;

/** Executions of Step Functions. Failures: StoreUnavailable (effect unknown for a start), Internal. */
export class StepFunctionsExecutions implements Executions {
  readonly #client: SFNClient;
  readonly #machines: MachineArns;
  readonly #now: () => number;

  /** `now` answers epoch ms. */
  constructor(client: SFNClient, machines: MachineArns, now: () => number) {
    this.#client = client;
    this.#machines = machines;
    this.#now = now;
  }

  async start(machine: Machine, name: string, input: object): Promise<'started' | 'exists'> {
    const command = new StartExecutionCommand({
      stateMachineArn: this.#arnOf(machine),
      name,
      input: JSON.stringify(input),
    });
    try {
      await this.#client.send(command);
      return 'started';
    } catch (error) {
      if (sdkErrorName(error) === 'ExecutionAlreadyExists') return 'exists';
      throw storeFailure(error, {
        action: 'states:StartExecution',
        about: `${machine} ${name}`,
        access: 'write',
      });
    }
  }

  async status(executionArn: string): Promise<'running' | 'ended' | 'gone'> {
    try {
      const { status, stopDate } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      return endingOf({ status, stoppedAt: stopDate?.getTime() }, this.#now());
    } catch (error) {
      if (sdkErrorName(error) === 'ExecutionDoesNotExist') return 'gone';
      throw storeFailure(error, { action: 'states:DescribeExecution', about: executionArn, access: 'read' });
    }
  }

  #arnOf(machine: Machine): string {
    const arn = this.#machines[machine];
    if (arn !== undefined) return arn;
    const given = Object.keys(this.#machines).join(', ') || 'none';
    const message = `Machine ${machine} was to be started; this function was given: ${given}. Nothing was changed. Deploy again, and report this if it stays.`;
    throw new Failure('Internal', message, 'none');
  }
}

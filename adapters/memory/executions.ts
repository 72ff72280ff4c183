import type { Executions } from '../../core/ports/executions';

type Machine = Parameters<Executions['start']>[0];

/** An execution that was started, and whether it still runs. */
export interface MemoryExecution {
  readonly arn: string;
  readonly machine: Machine;
  readonly name: string;
  readonly input: object;
  readonly status: 'running' | 'ended';
}

/** Executions in this process that run until they are told to end: for fast tests. */
export class MemoryExecutions implements Executions {
  readonly #byArn = new Map<string, MemoryExecution>();

  async start(machine: Machine, name: string, input: object): Promise<'started' | 'exists'> {
    const arn = MemoryExecutions.arnOf(machine, name);
    if (this.#byArn.has(arn)) return 'exists';
    this.#byArn.set(arn, { arn, machine, name, input, status: 'running' });
    return 'started';
  }

  async status(executionArn: string): Promise<'running' | 'ended' | 'gone'> {
    return this.#byArn.get(executionArn)?.status ?? 'gone';
  }

  /** Ends an execution. */
  end(executionArn: string): void {
    const execution = this.#byArn.get(executionArn);
    if (execution) this.#byArn.set(executionArn, { ...execution, status: 'ended' });
  }

  /** Every execution ever started, in order. */
  all(): readonly MemoryExecution[] {
    return [...this.#byArn.values()];
  }

  /** What an execution is called, in the shape of an AWS ARN. */
  static arnOf(machine: Machine, name: string): string {
    return `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;
  }
}

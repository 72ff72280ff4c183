/** Starts and looks at executions of state machines. */
export interface Executions {
  /** `exists`: an execution of that name was started before (it may have ended). */
  start(
    machine: 'Rotation' | 'Settle' | 'Revocation' | 'BulkRevocation',
    name: string,
    input: object,
  ): Promise<'started' | 'exists'>;
  /** `running`: it is, or was stopped so lately that its last worker may still be; `gone`: no such execution is known any more. */
  status(executionArn: string): Promise<'running' | 'ended' | 'gone'>;
}

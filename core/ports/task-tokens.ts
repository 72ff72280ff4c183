/** Ends the wait of an execution. It carries no verdict: whoever waited reads the stored decision. */
export interface TaskTokens {
  /** `gone`: nobody waits on that token any more. Failures: StoreUnavailable (effect unknown). */
  wake(taskToken: string): Promise<'woken' | 'gone'>;
}

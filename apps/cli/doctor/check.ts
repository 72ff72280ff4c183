/** What a check found. `detail` says the fact, and what to do where it failed. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'skipped' | 'failed';
  readonly detail: string;
}

/** One thing that is looked at. What it throws counts as failed. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<Omit<Finding, 'name'>>;
}

export function ok(detail: string): Omit<Finding, 'name'> {
  return { state: 'ok', detail };
}

export function failed(detail: string): Omit<Finding, 'name'> {
  return { state: 'failed', detail };
}

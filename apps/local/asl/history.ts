import { StateError } from './errors';

/** One event as GetExecutionHistory gives it; details sit under the key AWS uses for the type. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly type: string;
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>>;
}

// Step Functions service quotas, "Maximum execution history size" of Standard workflows.
const MOST_EVENTS = 25_000;

/** One line of an execution's events: each follows the one before it on the same track. Branches and iterations fork it. */
export class Track {
  constructor(
    private readonly now: () => number,
    /** The events of all tracks, in the order they happened. */
    readonly events: HistoryEvent[] = [],
    private previous = 0,
  ) {}

  /** @throws StateError when the history is full; an `Execution…` event always fits. */
  add(type: string, details?: Record<string, unknown>): number {
    if (this.events.length >= MOST_EVENTS - 1 && !type.startsWith('Execution')) {
      const cause = `The execution reached the maximum number of history events (${MOST_EVENTS}).`;
      throw new StateError('States.Runtime', cause);
    }
    const id = this.events.length + 1;
    const head = { id, previousEventId: this.previous, timestamp: this.now(), type };
    this.events.push({ ...head, ...(details && { [detailsKey(type)]: details }) });
    // AWS gives the first state's entry the previous id 0 as well.
    this.previous = id === 1 ? 0 : id;
    return id;
  }

  fork(): Track {
    return new Track(this.now, this.events, this.previous);
  }
}

function detailsKey(type: string): `${string}EventDetails` {
  const state = /^[A-Za-z]+State(Entered|Exited)$/.exec(type);
  if (state) return `state${state[1]}EventDetails`;
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

/** A value as the text an event carries it in, with the marker AWS puts beside it. */
export function carried(field: 'input' | 'output', value: unknown): Record<string, unknown> {
  return { [field]: JSON.stringify(value), [`${field}Details`]: { truncated: false } };
}

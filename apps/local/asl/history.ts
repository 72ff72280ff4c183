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

/** The events of one execution, in the order they happened. */
export class History {
  readonly events: HistoryEvent[] = [];

  constructor(private readonly now: () => number) {}

  append(type: string, previousEventId: number, details?: Record<string, unknown>): HistoryEvent {
    const event: HistoryEvent = {
      id: this.events.length + 1,
      previousEventId,
      timestamp: this.now(),
      type,
      ...(details && { [detailsKey(type)]: details }),
    };
    this.events.push(event);
    return event;
  }
}

/** One line of events: each follows the one before it on the same track. Branches and iterations fork it. */
export class Track {
  constructor(
    private readonly history: History,
    private previous = 0,
  ) {}

  /** @throws StateError when the history is full; an `Execution…` event always fits. */
  add(type: string, details?: Record<string, unknown>): number {
    if (this.history.events.length >= MOST_EVENTS - 1 && !type.startsWith('Execution')) {
      throw new StateError(
        'States.Runtime',
        `The execution reached the maximum number of history events (${MOST_EVENTS}).`,
      );
    }
    const { id } = this.history.append(type, this.previous, details);
    // AWS gives the first state's entry the previous id 0 as well.
    this.previous = id === 1 ? 0 : id;
    return id;
  }

  fork(): Track {
    return new Track(this.history, this.previous);
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

import { levelsIn, type Level, type State } from './definition';

/** The most events one execution can write, and the path that writes them. */
export interface HistoryBound {
  readonly events: number;
  readonly path: readonly string[];
  /** Ways round that no condition of the definition ends, as the states that go round. */
  readonly unbounded: readonly string[];
}

/** ExecutionStarted, and how it ended. */
const EXECUTION = 2;
/** An expression that fails after the last attempt: EvaluationFailed. */
const EVALUATION = 1;
/** Retry without MaxAttempts tries three times more (Amazon States Language, "Retry"). */
const DEFAULT_RETRIES = 3;

/**
 * Walks a definition along its longest way. Counted are the events of each state entered (Step Functions API reference,
 * HistoryEvent), each of its attempts by every retrier to its end, and each way round as often as the definition lets
 * it: a Choice rule that compares a counter, `$run.round <= 4`, while some state of the level adds 1 to that counter;
 * counters begin at 1 and are raised before they are compared. A Distributed Map costs its parent the events of its run; its children write histories of their own. A redrive is a
 * person's act and begins to count anew.
 */
export function historyBound(level: Level): HistoryBound {
  const unbounded = new Set<string>();
  const longest = walker(level, unbounded)(level.startAt, new Map());
  return { events: longest.events + EXECUTION, path: longest.path, unbounded: [...unbounded] };
}

interface Way {
  readonly events: number;
  readonly path: readonly string[];
}
type Taken = ReadonlyMap<string, number>;

function walker(level: Level, unbounded: Set<string>): (name: string, taken: Taken) => Way {
  const known = new Map<string, Way>();
  const open: string[] = [];
  const from = (name: string, taken: Taken): Way => {
    const key = `${name} ${JSON.stringify([...taken])}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (open.includes(key)) {
      unbounded.add(
        open
          .slice(open.indexOf(key))
          .map((each) => each.split(' ')[0])
          .join(' → '),
      );
      return { events: 0, path: [name] };
    }
    const state = level.states.get(name);
    if (state === undefined) throw new Error(`A state leads to ${name}, which is none`);
    open.push(key);
    const ways = waysOut(level, name, state).flatMap((way) => further(way, taken, from));
    open.pop();
    const rest = ways.reduce<Way>((most, way) => (way.events > most.events ? way : most), {
      events: 0,
      path: [],
    });
    const found = { events: eventsOf(state) + rest.events, path: [name, ...rest.path] };
    known.set(key, found);
    return found;
  };
  return from;
}

interface WayOut {
  readonly next: string;
  readonly events: number;
  /** How often it may be taken, where a counter bounds it. */
  readonly gate: { readonly name: string; readonly times: number } | undefined;
}

function further(way: WayOut, taken: Taken, from: (name: string, taken: Taken) => Way): readonly Way[] {
  const { next, events, gate } = way;
  if (gate === undefined) return [{ ...from(next, taken), events: events + from(next, taken).events }];
  const times = taken.get(gate.name) ?? 0;
  if (times >= gate.times) return [];
  const rest = from(next, new Map([...taken, [gate.name, times + 1]]));
  return [{ ...rest, events: events + rest.events }];
}

function waysOut(level: Level, name: string, state: State): readonly WayOut[] {
  const plain = [state.Next, state.Default].filter((next) => next !== undefined);
  return [
    ...plain.map((next) => ({ next, events: 0, gate: undefined })),
    ...(state.Catch ?? []).map(({ Next: next }) => ({ next, events: EVALUATION, gate: undefined })),
    ...(state.Choices ?? []).map(({ Next: next, Condition = '' }) => ({
      next,
      events: 0,
      gate: gateOf(level, `${name}→${next}`, Condition),
    })),
  ];
}

function gateOf(level: Level, name: string, condition: string): WayOut['gate'] {
  const [, counter = '', times = ''] = /\$([\w.]+) <= (\d+)/.exec(condition) ?? [];
  if (counter === '' || condition.includes(' or ')) return undefined;
  const counted = [...level.states.values()].some((state) =>
    JSON.stringify([state.Assign, state.Catch, state.Choices]).includes(`$${counter} + 1`),
  );
  return counted ? { name, times: Number(times) - 1 } : undefined;
}

/** Events of one visit of a state, all its attempts included. */
function eventsOf(state: State): number {
  const attempts = (state.Retry ?? []).reduce(
    (sum, { MaxAttempts }) => sum + (MaxAttempts ?? DEFAULT_RETRIES),
    1,
  );
  return (state.Type === 'Fail' ? 1 : 2) + attempts * eventsOfAttempt(state);
}

function eventsOfAttempt(state: State): number {
  const { Type: type, Resource: resource = '', ItemProcessor: processor } = state;
  // Scheduled, started and how it ended; what is waited for is submitted, too.
  if (type === 'Task') return /\.(sync|waitForTaskToken)/.test(resource) ? 4 : 3;
  // Started and ended, of the state and of its run.
  if (type === 'Map' && processor?.ProcessorConfig?.Mode === 'DISTRIBUTED') return 4;
  if (type === 'Map') return Number.POSITIVE_INFINITY;
  if (type !== 'Parallel') return 0;
  return levelsIn(state).reduce((sum, level) => sum + historyBound(level).events, 2);
}

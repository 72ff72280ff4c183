import type { ExecutionResult } from '../asl/execution';
import type { HistoryEvent } from '../asl/history';
import { isJson } from '../asl/json';
import type { Answer } from '../service';
import type { Documents } from '../store';

/** An execution as it is kept; dates in seconds since the epoch as on the wire, input and output as JSON text. */
export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  readonly startDate: number;
  readonly status: 'RUNNING' | ExecutionResult['status'];
  readonly stopDate?: number | undefined;
  readonly output?: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly history: readonly HistoryEvent[];
}

/** Where executions survive a restart. */
export type ExecutionStore = Pick<Documents<ExecutionRecord>, 'all' | 'save'>;

const RESTARTED =
  'The embedded engine was stopped while this execution was running, so it was ended as aborted. ' +
  'What its last task did may have taken effect; start a new execution to settle it.';

/** A record that was running when the engine stopped, ended as aborted; others as they are. */
export function afterRestart(record: ExecutionRecord, nowMs: number): ExecutionRecord {
  if (record.status !== 'RUNNING') return record;
  const last = record.history.at(-1)?.id ?? 0;
  const details = { error: 'EngineRestarted', cause: RESTARTED };
  const head = { id: last + 1, previousEventId: last, timestamp: nowMs, type: 'ExecutionAborted' };
  const history = [...record.history, { ...head, executionAbortedEventDetails: details }];
  return { ...record, ...details, status: 'ABORTED', stopDate: nowMs / 1000, history };
}

/** The record of an execution that ended. */
export function ended(record: ExecutionRecord, result: ExecutionResult, stopDate: number): ExecutionRecord {
  if (result.status === 'SUCCEEDED') {
    return { ...record, status: 'SUCCEEDED', stopDate, output: JSON.stringify(result.output) };
  }
  return { ...record, ...result, stopDate };
}

/** DescribeExecution's answer. */
export function described(record: ExecutionRecord): Answer {
  const { history: _history, ...fields } = record;
  return {
    ...fields,
    inputDetails: { included: true },
    ...(record.output !== undefined && { outputDetails: { included: true } }),
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
  };
}

/** One line of ListExecutions. */
export function listed(record: ExecutionRecord): Answer {
  const { executionArn, stateMachineArn, name, status, startDate, stopDate } = record;
  return { executionArn, stateMachineArn, name, status, startDate, stopDate, redriveCount: 0 };
}

const DATA = new Set(['input', 'output', 'parameters', 'assignedVariables']);

/** A history event on the wire: its time in seconds, its data left out when the caller asked for that. */
export function wireEvent(event: HistoryEvent, data: 'with data' | 'without data'): Answer {
  const wire: Answer = { ...event, timestamp: event.timestamp / 1000 };
  if (data === 'with data') return wire;
  for (const [key, details] of Object.entries(wire)) {
    if (!key.endsWith('EventDetails') || !isJson(details)) continue;
    wire[key] = Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name)));
  }
  return wire;
}

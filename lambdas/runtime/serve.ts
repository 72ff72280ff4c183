import * as z from 'zod/mini';
import { Failure } from '../../core/failure';
import { runState, type RunState } from '../../core/run/state';
import type { RawFailure } from '../steps/close/sentence';
import type { Execution } from '../steps/deps';
import { log } from './log';
import { safely } from './safely';

const text = z.string();
const optionalText = z.optional(text);

const execution = z.object({
  id: text,
  name: text.check(z.maxLength(96)),
  startTime: text,
  redriveCount: z.number(),
});

const failure = z.object({ Error: text, Cause: optionalText });

const envelope = z.object({
  stage: text,
  execution,
  run: z.optional(runState),
  machine: z.optional(z.enum(['rotation', 'revocation'])),
  input: z.optional(z.unknown()),
  runId: optionalText,
  round: z.optional(z.int()),
  token: optionalText,
  failure: z.optional(failure),
  reissueFailure: z.optional(z.nullable(failure)),
});

/** What a state machine sends a step. */
export interface StepEvent {
  readonly execution: Execution;
  /** Which machine opens a run; a state of one name may stand in several. */
  readonly machine: 'rotation' | 'revocation';
  readonly run: () => RunState;
  readonly input: unknown;
  readonly runId: string;
  /** How often a step that is repeated until something has ended was asked, from 1. */
  readonly round: number;
  /** Task token of a step that others end; empty for all others. */
  readonly token: string;
  readonly failure: RawFailure;
  /** Why the reissue that the run was to start was not started. */
  readonly reissueFailure: RawFailure | undefined;
}

/** The steps one function serves, by stage. */
export type Steps<D> = Readonly<Record<string, (deps: D, event: StepEvent) => Promise<object>>>;

/**
 * Makes a Lambda handler of steps. Dependencies are made once per worker. Errors leave as name and sentence alone: an
 * error object of a driver can carry statements and values, so nothing but our own Failure keeps its message.
 */
export function serve<D>(compose: () => D, steps: Steps<D>): (event: unknown) => Promise<object> {
  let deps: D | undefined;
  return async (event) => {
    const parsed = envelope.safeParse(event);
    if (!parsed.success) {
      throw new Failure(
        'InvalidInput',
        'The event is not one that the state machines send. Nothing was changed.',
        'none',
      );
    }
    const {
      stage,
      execution: by,
      machine = 'rotation',
      run,
      input,
      runId,
      round = 1,
      token = '',
      failure: raw,
      reissueFailure,
    } = parsed.data;
    const step = steps[stage];
    const known = Object.keys(steps).join(', ');
    if (!step)
      throw new Failure(
        'InvalidInput',
        `Stage ${JSON.stringify(stage)} is not served here; ${known} are. Nothing was changed.`,
        'none',
      );
    const mustRun = (): RunState => {
      if (run) return run;
      throw new Failure('InvalidInput', `Stage ${stage} needs a run. Nothing was changed.`, 'none');
    };
    try {
      deps ??= compose();
      const result = await step(deps, {
        execution: by,
        machine,
        run: mustRun,
        input,
        runId: runId ?? by.name,
        round,
        token,
        failure: failureOf(raw ?? { Error: 'Unknown' }),
        reissueFailure: reissueFailure ? failureOf(reissueFailure) : undefined,
      });
      log({ level: 'info', stage, runId: runId ?? run?.runId ?? by.name, outcome: 'done' });
      return result;
    } catch (error) {
      const safe = safely(error, stage);
      log({
        level: 'error',
        stage,
        runId: runId ?? run?.runId ?? by.name,
        outcome: safe.name,
        message: safe.message,
      });
      throw safe;
    }
  };
}

function failureOf({ Error: name, Cause = '' }: z.infer<typeof failure>): RawFailure {
  return { Error: name, Cause };
}

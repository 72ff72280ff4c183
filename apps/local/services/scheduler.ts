import { randomUUID } from 'node:crypto';
import { underFaults } from '../faults';
import type { Surroundings } from '../surroundings';
import { deliveryCall, isoSeconds, type DeliveryTarget } from './delivery';
import { parseSchedule, type NextFire } from './schedule-expression';

/** A schedule as its template describes it. */
export interface ScheduleSpec {
  readonly arn: string;
  readonly name: string;
  readonly expression: string;
  /** Called as the schedule's own role. */
  readonly target: DeliveryTarget;
  readonly maxRetries: number;
}

/** A firing of a schedule; `error` when its target refused it for good. */
export interface Firing {
  readonly schedule: string;
  readonly atMs: number;
  readonly error?: string;
}

const RETRY_AFTER_MS = 60_000;

/** EventBridge Scheduler: fires rate(), cron() and at() schedules at engine time, as the schedule's role. */
export class Scheduler {
  readonly #schedules: { spec: ScheduleSpec; next: NextFire }[] = [];
  #stopped = false;
  readonly firings: Firing[] = [];

  constructor(private readonly around: Surroundings) {}

  /** Adds a schedule; it fires once {@link start} was called. @throws Error for an expression or target it does not know */
  add(spec: ScheduleSpec): void {
    deliveryCall(spec.target);
    this.#schedules.push({ spec, next: parseSchedule(spec.expression, this.around.clock.now()) });
  }

  /** Arms every schedule. */
  start(): void {
    for (const { spec, next } of this.#schedules) this.#arm(spec, next, this.around.clock.now());
  }

  /** Lets nothing fire any more. */
  stop(): void {
    this.#stopped = true;
  }

  #arm(spec: ScheduleSpec, next: NextFire, afterMs: number): void {
    const atMs = next(afterMs);
    if (atMs === undefined) return;
    this.#at(atMs, () => {
      this.#arm(spec, next, atMs);
      void this.#fire(spec, atMs);
    });
  }

  #at(atMs: number, run: () => void): void {
    this.around.clock.schedule(atMs, () => {
      if (!this.#stopped) run();
    });
  }

  #fire(spec: ScheduleSpec, atMs: number): Promise<void> {
    const { faults, clock } = this.around;
    const point = { service: 'scheduler', action: spec.name, caller: spec.target.caller.roleName };
    const failed = (why: string) => this.#failed(spec, atMs, 1, new Error(why));
    return underFaults({
      at: async (phase) =>
        phase === 'before' ? faults.at({ boundary: 'service', phase, ...point }) : undefined,
      clock,
      perform: () => this.#deliver(spec, atMs, 1),
      failed,
      killed: () => failed('fault kill'),
      // A lost answer makes the scheduler try again.
      lost: () => failed('the answer was lost'),
    });
  }

  async #deliver(spec: ScheduleSpec, atMs: number, attempt: number): Promise<void> {
    const input = fill(spec, atMs, attempt);
    try {
      await this.around.call(deliveryCall({ ...spec.target, input }));
      this.firings.push({ schedule: spec.name, atMs });
    } catch (error) {
      this.#failed(spec, atMs, attempt, error);
    }
  }

  #failed(spec: ScheduleSpec, atMs: number, attempt: number, error: unknown): void {
    this.around.onError(spec.name, error);
    const retry = () => void this.#deliver(spec, atMs, attempt + 1);
    if (attempt <= spec.maxRetries) this.#at(this.around.clock.now() + RETRY_AFTER_MS, retry);
    else this.firings.push({ schedule: spec.name, atMs, error: String(error) });
  }
}

/** Context attributes as EventBridge Scheduler puts them into a target's input. */
const fill = (spec: ScheduleSpec, atMs: number, attempt: number) =>
  spec.target.input
    .replaceAll('<aws.scheduler.schedule-arn>', spec.arn)
    .replaceAll('<aws.scheduler.scheduled-time>', isoSeconds(atMs))
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));

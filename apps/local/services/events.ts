import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { type Call } from '../dispatch';
import { action, ActionTable, type Caller } from '../service';
import { nameOf, type Place } from './arn';
import { deliveryCall } from './delivery';
import { matchesPattern, type EventPattern } from './event-pattern';

/** An event as rules see it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** Where a rule sends matching events; without `input` the event itself is sent. */
export interface RuleTarget {
  readonly arn: string;
  readonly caller: Caller;
  readonly input?: string | undefined;
  /** Path of the part of the event that is sent, such as `$.detail.data`. */
  readonly inputPath?: string | undefined;
}

/** A rule as its template describes it. */
export interface RuleSpec {
  readonly name: string;
  readonly bus: string;
  readonly pattern: EventPattern;
  readonly targets: readonly RuleTarget[];
}

/** What the event bus needs from the engine. */
export interface EventsDeps {
  readonly place: Place;
  readonly clock: Clock;
  readonly call: (call: Call) => Promise<unknown>;
  readonly onError: (rule: string, error: unknown) => void;
}

const Entry = z.object({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Resources: z.prefault(z.array(z.string()), []),
  EventBusName: z.prefault(z.string(), 'default'),
});
const Put = z.object({ Entries: z.array(Entry) });

/** EventBridge: buses, rules and their deliveries; every event put is kept in a list. */
export class Events extends ActionTable {
  readonly name = 'events';
  protected readonly actions = { PutEvents: action(Put, (input) => this.#put(input)) };
  readonly #rules = new Map<string, RuleSpec>();
  readonly seen: BusEvent[] = [];

  constructor(private readonly deps: EventsDeps) {
    super();
  }

  /** Adds or replaces a rule. @throws Error for a target it does not deliver to */
  setRule(rule: RuleSpec): void {
    for (const { arn, caller } of rule.targets) deliveryCall({ arn, input: '{}', caller });
    this.#rules.set(`${rule.bus}/${rule.name}`, rule);
  }

  #put({ Entries }: z.infer<typeof Put>) {
    const put = Entries.map(({ EventBusName, Source, DetailType, Detail, Resources }) => {
      const detail: unknown = JSON.parse(Detail);
      const event = { source: Source, detailType: DetailType, detail, resources: Resources };
      return { EventId: this.emit(event, nameOf(EventBusName)) };
    });
    return { FailedEntryCount: 0, Entries: put };
  }

  /** Puts an event on a bus and delivers it to every matching rule's targets. @returns its id */
  emit(
    given: { source: string; detailType: string; detail: unknown; resources: readonly string[] },
    bus = 'default',
  ): string {
    const { detailType, ...about } = given;
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      ...this.deps.place,
      ...about,
      'detail-type': detailType,
      time: new Date(this.deps.clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    };
    this.seen.push(event);
    for (const rule of this.#rules.values()) {
      if (rule.bus === bus && matchesPattern(rule.pattern, event)) this.#deliver(rule, event);
    }
    return event.id;
  }

  #deliver(rule: RuleSpec, event: BusEvent): void {
    for (const { arn, caller, input, inputPath = '$' } of rule.targets) {
      const call = deliveryCall({ arn, caller, input: input ?? JSON.stringify(partOf(event, inputPath)) });
      this.deps.call(call).catch((error: unknown) => this.deps.onError(rule.name, error));
    }
  }
}

function partOf(event: BusEvent, path: string): unknown {
  return path.split('.').slice(1).reduce<unknown>(memberOf, event);
}

function memberOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined;
}

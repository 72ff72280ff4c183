import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { isJson } from '../asl/json';
import { action, ActionTable } from '../service';
import type { Surroundings } from '../surroundings';
import type { Place } from './arn';
import { deliveryCall, isoSeconds, type DeliveryTarget } from './delivery';
import { matchesPattern, type EventPattern } from './event-pattern';

/** An event as rules see it. */
export interface BusEvent extends Place {
  readonly version: '0';
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** Something that happened, as whoever tells of it puts it. */
export type Happening = Pick<BusEvent, 'source' | 'detail-type' | 'resources' | 'detail'>;

/** A rule as its template describes it. */
export interface RuleSpec {
  readonly name: string;
  readonly pattern: EventPattern;
  readonly targets: readonly DeliveryTarget[];
}

/** What stands for the event in the input of a target, as EventBridge writes it. */
export const WHOLE_EVENT = '<aws.events.event.json>';

const Entry = z.object({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Resources: z.prefault(z.array(z.string()), []),
  EventBusName: z.optional(z.literal('default')),
});
const Put = z.object({ Entries: z.array(Entry) });

/** EventBridge: the default bus, rules and their deliveries; every event put is kept in a list. */
export class Events extends ActionTable {
  readonly name = 'events';
  protected readonly actions = { PutEvents: action(Put, (input) => this.#put(input)) };
  readonly #rules = new Map<string, RuleSpec>();
  readonly seen: BusEvent[] = [];

  constructor(private readonly around: Surroundings) {
    super();
  }

  /** Adds or replaces a rule. @throws Error for a target it does not deliver to */
  setRule(rule: RuleSpec): void {
    for (const target of rule.targets) deliveryCall(target);
    this.#rules.set(rule.name, rule);
  }

  #put({ Entries }: z.infer<typeof Put>) {
    const put = Entries.map(({ Source: source, DetailType, Detail, Resources: resources }) => {
      const detail: unknown = JSON.parse(Detail);
      const event = { source, 'detail-type': DetailType, detail, resources };
      return { EventId: this.emit(event) };
    });
    return { FailedEntryCount: 0, Entries: put };
  }

  /** Puts an event on the bus and delivers it to every matching rule's targets. @returns its id */
  emit(happening: Happening): string {
    const { place, clock } = this.around;
    const id = randomUUID();
    const event: BusEvent = { version: '0', id, ...place, ...happening, time: isoSeconds(clock.now()) };
    this.seen.push(event);
    for (const rule of this.#rules.values()) {
      if (matchesPattern(rule.pattern, event)) this.#deliver(rule, event);
    }
    return id;
  }

  #deliver({ name, targets }: RuleSpec, event: BusEvent): void {
    for (const { input, inputPath = '$', ...target } of targets) {
      const text = JSON.stringify(partOf(event, inputPath));
      const call = deliveryCall({ ...target, input: input.replaceAll(WHOLE_EVENT, () => text) });
      this.around.call(call).catch((error: unknown) => this.around.onError(name, error));
    }
  }
}

const memberOf = (value: unknown, name: string) => (isJson(value) ? value[name] : undefined);

function partOf(event: BusEvent, path: string): unknown {
  return path.split('.').slice(1).reduce<unknown>(memberOf, event);
}

import type { Call, Caller } from '../service';

/** Where a schedule or a rule sends its events. */
export interface DeliveryTarget {
  readonly arn: string;
  /** Text handed over, after placeholders are filled in. */
  readonly input: string;
  readonly caller: Caller;
  /** Path of the part of an event that is filled in, such as `$.detail.data`; all of it by default. */
  readonly inputPath?: string | undefined;
}

/** A time as EventBridge writes it. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/**
 * The call a delivery makes: start an execution, or invoke a function without waiting.
 * @throws Error naming a target the engine does not implement
 */
export function deliveryCall({ arn, input, caller }: DeliveryTarget): Call {
  if (/^arn:aws:states:[^:]+:\d+:stateMachine:/.test(arn))
    return { service: 'states', action: 'StartExecution', input: { stateMachineArn: arn, input }, caller };
  if (/^arn:aws:lambda:[^:]+:\d+:function:/.test(arn)) {
    const invoke = { FunctionName: arn, InvocationType: 'Event', Payload: input };
    return { service: 'lambda', action: 'Invoke', input: invoke, caller };
  }
  if (/^arn:aws:sns:[^:]+:\d+:/.test(arn))
    return { service: 'sns', action: 'Publish', input: { TopicArn: arn, Message: input }, caller };
  throw new Error(
    `gapless local does not deliver to ${arn}; it starts state machines, invokes functions and publishes`,
  );
}

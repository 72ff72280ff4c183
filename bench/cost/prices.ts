/**
 * List prices in US dollars, us-east-1, without free tiers, as the services' public price pages gave them when this was
 * written: aws.amazon.com/step-functions/pricing, /lambda/pricing (arm64), /dynamodb/pricing/on-demand,
 * /secrets-manager/pricing, /kms/pricing. Storage of secrets and logs is not in them.
 */
export const prices = {
  /** A state transition of a Standard workflow. */
  transition: 25 / 1e6,
  /** A request to a Lambda function. */
  invocation: 0.2 / 1e6,
  /** A GB-second of an arm64 function. */
  gbSecond: 13.3334 / 1e6,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  secretsCall: 0.05 / 1e4,
  keyCall: 0.03 / 1e4,
  /** An object put or listed; one read costs less and counts the same here. */
  objectCall: 0.005 / 1e3,
  /** An event on the default bus. */
  event: 1 / 1e6,
} as const;

/** What a call is taken to last, in seconds: durations of this machine are not Lambda's. Memory as the app deploys it, in GB. */
const CALL_SECONDS = 0.15;
const CALL_GB = 0.25;

/** What one run used. */
export interface Usage {
  readonly transitions: number;
  readonly invocations: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly secretsCalls: number;
  readonly keyCalls: number;
  readonly objectCalls: number;
  readonly events: number;
}

/** The dollars of each line; their sum is what a run costs. */
export function dollarsOf(usage: Usage): Readonly<Record<keyof Usage, number>> {
  return {
    transitions: usage.transitions * prices.transition,
    invocations: usage.invocations * (prices.invocation + CALL_SECONDS * CALL_GB * prices.gbSecond),
    writeUnits: usage.writeUnits * prices.writeUnit,
    readUnits: usage.readUnits * prices.readUnit,
    secretsCalls: usage.secretsCalls * prices.secretsCall,
    keyCalls: usage.keyCalls * prices.keyCall,
    objectCalls: usage.objectCalls * prices.objectCall,
    events: usage.events * prices.event,
  };
}

import type { FailureCode } from './failure-category';

export type { FailureCode } from './failure-category';

/** Whether the world may have changed: `none` is safe to repeat, `unknown` is resolved by asking the live system. */
export type Effect = 'none' | 'unknown';

/**
 * The only error the product throws on purpose. `name` is the code, because Retry and Catch of a state machine match
 * on the error's name. The message is a sentence for a person: what was given, what is allowed, the next step.
 */
export class Failure extends Error {
  override readonly name: FailureCode;
  readonly effect: Effect;

  constructor(code: FailureCode, message: string, effect: Effect) {
    super(message);
    this.name = code;
    this.effect = effect;
  }
}

import * as z from 'zod/mini';
import type { Subject } from './call';
import type { Pace } from './connector';
import { Failure } from './failure';
import { complaintsOf } from './policy/complaints';

const elsewhere = z.optional(z.unknown());

/** The fields of `target` that every kind has. Core reads them; the schema of a kind only lets them through. */
export const everyTarget = { network: elsewhere, admin: elsewhere, control: elsewhere, paths: elsewhere };

/**
 * The target of a subject by its kind's schema.
 * @throws Failure InvalidInput naming each field, the value and what is allowed; nothing was changed
 */
export function parsedTarget<T>(
  schema: z.ZodMiniType<T>,
  { identityId, target }: Pick<Subject, 'identityId' | 'target'>,
): T {
  const parsed = schema.safeParse(target);
  if (parsed.success) return parsed.data;
  const complaints = complaintsOf(parsed.error, target).map(
    ({ field, message }) => `target.${field}: ${message}`,
  );
  const message = `${identityId}: ${complaints.join('; ')}. Nothing was changed. Correct the policy and run: gapless plan`;
  throw new Failure('InvalidInput', message, 'none');
}

/** A pace as policies state it, in seconds; `periodMs` in milliseconds. */
interface Stated {
  readonly propagationSeconds: number;
  /** The longest cache in front of the target. */
  readonly cacheSeconds?: number;
  readonly windowSeconds: number;
  readonly refusals: number;
  readonly periodMs: number;
}

/** The pace that a policy states. Probing goes on for `patienceSeconds` beyond what it names. */
export function statedPace(
  { propagationSeconds, cacheSeconds = 0, windowSeconds, refusals, periodMs }: Stated,
  patienceSeconds: number,
): Pace {
  const seenAfter = propagationSeconds + cacheSeconds;
  return {
    propagationSeconds: seenAfter,
    settle: { refusals, windowSeconds, periodMs },
    probeBudgetSeconds: seenAfter + windowSeconds + patienceSeconds,
  };
}

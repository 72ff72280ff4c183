import * as z from 'zod/mini';
import type { Subject } from '../../core/call';
import type { Pace } from '../../core/connector';
import { everyTarget, parsedTarget, statedPace } from '../../core/parsed-target';
import { fields } from './schema';

/** The longest a key may take to be refused everywhere and to be proven so, in seconds: one invocation watches it. */
const MOST_SECONDS = 100;

/** `target` of a policy of kind http-api-key. */
export const targetSchema = z
  .strictObject({
    ...everyTarget,
    ...fields,
  })
  .check(
    z.refine(({ pace }) => pace.propagationSeconds + pace.cacheSeconds + pace.windowSeconds <= MOST_SECONDS, {
      path: ['pace'],
      error: `want propagation, cache and window of at most ${MOST_SECONDS} seconds together`,
    }),
  );

/** A parsed target. */
export type KeyTarget = z.infer<typeof targetSchema>;

/** How long probing goes on beyond what the policy names, in seconds. */
const PATIENCE_SECONDS = 10;

/**
 * The target of a subject.
 * @throws Failure InvalidInput naming the field and what is allowed; nothing was changed
 */
export function targetOf(subject: Pick<Subject, 'identityId' | 'target'>): KeyTarget {
  return parsedTarget(targetSchema, subject);
}

/** The pace a policy states: what the service takes to forget a key, and the longest cache in front of it. */
export function paceOf(target: unknown): Pace {
  return statedPace(targetOf({ identityId: 'http-api-key', target }).pace, PATIENCE_SECONDS);
}

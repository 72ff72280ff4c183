import * as z from 'zod/mini';
import type { Subject } from '../../core/call';
import type { Pace } from '../../core/connector';
import { everyTarget, parsedTarget, statedPace } from '../../core/parsed-target';
import { fields } from './schema';

/** Metadata that this kind sets itself; a policy may not, or clients could not be found or would be of another kind. */
const own = ['client_name', 'software_id', 'software_version', 'grant_types', 'scope'];

/** `target` of a policy of kind oauth-client. */
export const targetSchema = z
  .strictObject({
    ...everyTarget,
    ...fields,
  })
  .check(
    z.refine(({ registration }) => !own.some((name) => Object.hasOwn(registration.metadata, name)), {
      path: ['registration', 'metadata'],
      error: `want none of ${own.join(', ')}: these are set for every client`,
    }),
    z.refine(({ registration }) => !/secret/i.test(Object.keys(registration.metadata).join(' ')), {
      path: ['registration', 'metadata'],
      error: 'want no secret: a policy file holds none, and the issuer makes it',
    }),
    z.refine(({ tokens, resources }) => tokens.end === 'expiry' || resources.length > 0, {
      path: ['resources'],
      error: 'want at least one resource server: what denies tokens is proven by a call there',
    }),
    // Tokens of two secrets of one client look the same, so what denies the old one's denies the new one's.
    z.refine(({ tokens, secrets }) => secrets === undefined || tokens.end === 'expiry', {
      path: ['tokens', 'end'],
      error: 'want expiry with target.secrets: the client stays, and so do its tokens until they expire',
    }),
    z.refine(({ tokens, denyList }) => (tokens.end === 'denyList') === (denyList !== undefined), {
      path: ['denyList'],
      error: 'want a URL with tokens.end: denyList, and none without',
    }),
  );

/** A parsed target. */
export type ClientTarget = z.infer<typeof targetSchema>;

/** One resource server of a target. */
export type Resource = ClientTarget['resources'][number];

/** How long probing goes on beyond what the policy names, in seconds. */
const PATIENCE_SECONDS = 10;

/**
 * The target of a subject.
 * @throws Failure InvalidInput naming the field and what is allowed; nothing was changed
 */
export function targetOf(subject: Pick<Subject, 'identityId' | 'target'>): ClientTarget {
  return parsedTarget(targetSchema, subject);
}

/** The pace a policy states: what the issuer takes to forget a client. */
export function paceOf(target: unknown): Pace {
  return statedPace(targetOf({ identityId: 'oauth-client', target }).pace, PATIENCE_SECONDS);
}

import * as z from 'zod/mini';
import type { Subject } from '../../core/call';
import type { Pace } from '../../core/connector';
import { everyTarget, parsedTarget, statedPace } from '../../core/parsed-target';

const whole = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most));

const userError = 'want the name of an IAM user, without its path';
const regionError = 'want a region such as eu-west-1';
const roleError = 'want the ARN of a role';
const urlError = 'want an http or https URL of a host and nothing below it';

/** Longest life of a session that an access key can make (STS, GetSessionToken), in seconds. */
export const SESSION_SECONDS = 129_600;

const pace = z.strictObject({
  /** How long a change of a key or a policy takes to be seen everywhere. */
  propagationSeconds: z._default(whole(0, 60), 15),
  windowSeconds: z._default(whole(0, 30), 10),
  refusals: z._default(whole(3, 20), 3),
  periodMs: z._default(whole(20, 5_000), 1_000),
});

/** `target` of a policy of kind iam-access-key. */
export const targetSchema = z.strictObject({
  ...everyTarget,
  paths: z.optional(
    z
      .array(z.unknown())
      .check(z.maxLength(0, 'want none: each region is a path by itself, for STS and data')),
  ),
  /** The IAM user whose keys these are, tagged `gapless:identity` with the id of the policy. */
  user: z.string(userError).check(z.regex(/^[\w+=,.@-]{1,64}$/, userError)),
  /** Where a key has to be refused; the first one is the direct way. */
  regions: z
    .array(z.string(regionError).check(z.regex(/^[a-z]{2}(-[a-z]{2,12}){1,2}-\d$/, regionError)))
    .check(
      z.minLength(2, 'want two or three regions: one place proves nothing about the others'),
      z.maxLength(3, 'want two or three regions'),
      z.refine((all) => new Set(all).size === all.length, { error: 'want different regions' }),
    ),
  sessions: z._default(
    z.strictObject({
      /** What ends sessions made from a key: their expiry only, or a denial of all that were issued before. */
      end: z._default(z.enum(['expiry', 'issueTime'], 'want expiry or issueTime'), 'expiry'),
      /** Roles that the user may assume, whose sessions are denied by time of issue too, whoever made them. */
      roles: z._default(
        z
          .array(
            z.string().check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,128}$/, roleError)),
          )
          .check(z.maxLength(4)),
        [],
      ),
    }),
    { end: 'expiry', roles: [] },
  ),
  /** Where all of AWS answers instead of at its own endpoints. */
  endpoint: z.optional(z.string(urlError).check(z.regex(/^https?:\/\/[^/?#@\s]+(\/[\w/-]*)?$/, urlError))),
  allowPrivate: z._default(z.boolean(), false),
  ca: z.optional(z.string().check(z.regex(/-----BEGIN CERTIFICATE-----/, 'want certificates in PEM form'))),
  pace: z._default(pace, { propagationSeconds: 15, windowSeconds: 10, refusals: 3, periodMs: 1_000 }),
});

/** A parsed target. */
export type IamTarget = z.infer<typeof targetSchema>;

/** How long probing goes on beyond what the policy names, in seconds. */
const PATIENCE_SECONDS = 15;

/**
 * The target of a subject.
 * @throws Failure InvalidInput naming the field and what is allowed; nothing was changed
 */
export function targetOf(subject: Pick<Subject, 'identityId' | 'target'>): IamTarget {
  return parsedTarget(targetSchema, subject);
}

/** The pace a policy states; by default what has been seen of IAM. */
export function paceOf(target: unknown): Pace {
  return statedPace(targetOf({ identityId: 'iam-access-key', target }).pace, PATIENCE_SECONDS);
}

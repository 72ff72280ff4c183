import * as z from 'zod/mini';
import { IDENTITY_ID } from '../policy/identity-id';

/**
 * More ids than this do not fit the input of an execution beside everything else: 256 KiB (Step Functions developer
 * guide, "Service quotas").
 */
const MOST_IDS = 3_000;

/** The most bytes that what is asked for has as JSON: so many ids of 64 characters, and what stands beside them. */
export const ASK_BYTES = 208 * 1024;

const word = z.string('want a text').check(z.minLength(1, 'want a text'), z.maxLength(128));
const identityId = z
  .string()
  .check(z.regex(IDENTITY_ID, 'want 3 to 64 of a-z, 0-9 and -, such as orders-db'));

export const selectFields = z.strictObject({
  owner: z.optional(word),
  tag: z.optional(word),
  kind: z.optional(word),
  ids: z.optional(
    z
      .array(identityId)
      .check(
        z.minLength(1, 'want at least one id'),
        z.maxLength(
          MOST_IDS,
          `want at most ${MOST_IDS} ids; start one bulk revocation for each part of the list`,
        ),
      ),
  ),
  /** Name of the incident that the ids belong to. */
  incident: z.optional(word),
});

/** The fields of everything that is asked for. */
export const askedFor = {
  select: selectFields.check(
    z.refine(({ owner, tag, kind, ids }) => given([owner, tag, kind, ids]) === 1, {
      error: 'want exactly one of owner, tag, kind and ids',
    }),
    z.refine(({ incident, ids }) => incident === undefined || ids !== undefined, {
      error: 'incident names the incident that ids belong to; want ids beside it',
    }),
  ),
  reason: z
    .string('want a sentence that says why')
    .check(z.minLength(3, 'want at least 3 characters that say why'), z.maxLength(512)),
  atOnce: z.optional(z.int('want a whole number').check(z.gte(1), z.lte(1_000))),
};

/** What a person whose name is verified asks for; who that is, no field of it says. */
export const bulkAsk = z.strictObject(askedFor);

function given(values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}

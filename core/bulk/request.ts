import * as z from 'zod/mini';
import { Failure } from '../failure';
import { complaintsOf } from '../policy/complaints';
import { IDENTITY_ID } from '../policy/identity-id';

/** Stands in records and rows where one identity stands elsewhere; no policy can have this id. */
export const MANY = '*';

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

const selectFields = z.strictObject({
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

const asked = {
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
export const bulkAsk = z.strictObject(asked);

const bulkInput = z.strictObject({
  ...asked,
  dryRun: z.optional(z.boolean('want true or false')),
  actor: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
});

const resumeInput = z.strictObject({ resume: z.string().check(z.minLength(1), z.maxLength(96)) });

/** Whom a bulk revocation is for. `incident` is a list of ids with the incident's name. */
export type Select =
  | { readonly by: 'owner' | 'tag' | 'kind'; readonly value: string }
  | { readonly by: 'ids' | 'incident'; readonly value: string; readonly ids: readonly string[] };

/** What BulkRevocation is asked for. */
export interface BulkRequest {
  readonly select: Select;
  readonly reason: string;
  readonly does: 'revoke' | 'dryRun';
  /** Revocations at once; the deployment's setting when undefined, and never more than that. */
  readonly atOnce: number | undefined;
  readonly actor: string | undefined;
}

/** An input of the machine: what somebody asks for, or a bulk run that Settle found without its execution. */
export type BulkInput = BulkRequest | { readonly resume: string };

/**
 * Parses the input of BulkRevocation.
 * @throws Failure InvalidInput: a sentence that says what to type instead; no run was opened
 */
export function parseBulkInput(input: unknown): BulkInput {
  const resume = resumeInput.safeParse(input);
  if (resume.success) return resume.data;
  const result = bulkInput.safeParse(input);
  if (!result.success) {
    const wrong = complaintsOf(result.error, input).map(({ field, message }) => `${field}: ${message}`);
    throw refused(wrong.join('; '));
  }
  const { select, reason, dryRun, atOnce, actor } = result.data;
  return { select: selectOf(select), reason, does: dryRun === true ? 'dryRun' : 'revoke', atOnce, actor };
}

function selectOf({ owner, tag, kind, ids = [], incident }: z.infer<typeof selectFields>): Select {
  if (owner !== undefined) return { by: 'owner', value: owner };
  if (tag !== undefined) return { by: 'tag', value: tag };
  if (kind !== undefined) return { by: 'kind', value: kind };
  const each = [...new Set(ids)];
  if (incident !== undefined) return { by: 'incident', value: incident, ids: each };
  return { by: 'ids', value: `${each.length} ids`, ids: each };
}

/** A bulk revocation that was not begun, and what to type instead. */
export function refused(why: string): Failure {
  const message = `${why}. Nothing was changed and no run was opened. Start again with {"select": {"owner": "payments"}, "reason": "why"}; select takes one of owner, tag, kind and ids.`;
  return new Failure('InvalidInput', message, 'none');
}

function given(values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}

import * as z from 'zod/mini';
import { Failure } from '../failure';
import { complaintsOf } from '../policy/complaints';
import { askedFor, type selectFields } from './ask';

const bulkInput = z.strictObject({
  ...askedFor,
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

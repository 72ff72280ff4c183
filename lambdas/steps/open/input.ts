import * as z from 'zod/mini';
import { Failure } from '../../../core/failure';
import { complaintsOf } from '../../../core/policy/complaints';
import { IDENTITY_ID } from '../../../core/policy/identity-id';

const rotationInput = z.strictObject({
  identityId: z.string().check(z.regex(IDENTITY_ID, 'want 3 to 64 of a-z, 0-9 and -')),
  slot: z.optional(z.iso.datetime()),
  attempt: z.optional(z.int().check(z.nonnegative())),
  batch: z.optional(z.int().check(z.positive())),
  reason: z.optional(z.string().check(z.minLength(3), z.maxLength(512))),
  actor: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  /** The revocation after which this run issues a new credential; it always needs an approval. */
  reissue: z.optional(z.string().check(z.minLength(1), z.maxLength(96))),
});
/** What a rotation is asked for. */
export type RotationInput = z.infer<typeof rotationInput>;

/**
 * Parses the input of Rotation.
 * @throws Failure InvalidInput: a sentence that says what to type instead; no run was opened
 */
export function parseRotationInput(input: unknown): RotationInput {
  const result = rotationInput.safeParse(input);
  if (result.success) return result.data;
  const wrong = complaintsOf(result.error, input).map(({ field, message }) => `${field}: ${message}`);
  const message = `${wrong.join('; ')}. Give {"identityId": "<id>", "reason": "<why>"}. Nothing was changed and no run was opened.`;
  throw new Failure('InvalidInput', message, 'none');
}

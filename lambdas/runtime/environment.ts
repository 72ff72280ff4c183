import * as z from 'zod/mini';
import { parsedVariables, type Variables } from './variables';

const text = z.string().check(z.minLength(1));

/** What the app gives every function; fields a role has no use for are left out at synth. */
const environmentSchema = z.object({
  LEDGER_ID: text,
  GAPLESS_ROLE: text,
  REGISTRY_TABLE: text,
  EVIDENCE_TABLE: text,
  POLICIES_BUCKET: text,
  POLICIES_KEY: text,
  POLICIES_REVISION: text,
  LISTS_BUCKET: z.optional(text),
  FINGERPRINT_KEY: z.optional(text),
  SEALED_BUCKET: z.optional(text),
  SIGNING_KEY: z.optional(text),
  ROTATION_MACHINE: z.optional(text),
  SETTLE_MACHINE: z.optional(text),
  BULK_MACHINE: z.optional(text),
  BULK_APPROVAL_ABOVE: z.optional(z.coerce.number()),
  BULK_AT_ONCE: z.optional(z.coerce.number()),
  /** Where all services answer, when that is not AWS. */
  AWS_ENDPOINT_URL: z.optional(text),
  REVOCATION_MACHINE: z.optional(text),
  TIMEOUT_SECONDS: z.coerce.number(),
  BUNDLE_SHA256: text,
  AWS_ACCESS_KEY_ID: z.optional(text),
  AWS_SECRET_ACCESS_KEY: z.optional(text),
  AWS_SESSION_TOKEN: z.optional(text),
  AWS_LAMBDA_FUNCTION_NAME: text,
  AWS_LAMBDA_FUNCTION_VERSION: text,
});
export type Environment = z.infer<typeof environmentSchema>;

/**
 * Reads a function's environment.
 * @throws Failure Internal naming the variables that are missing
 */
export function parseEnvironment(env: Variables): Environment {
  return parsedVariables(environmentSchema, env);
}

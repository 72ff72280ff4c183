import * as z from 'zod/mini';
import { text, variables } from './variables';

/**
 * Reads what the app gives every function; what only some have is read where it is used.
 * @throws Failure Internal naming the variables that are missing
 */
export function environment() {
  return variables({
    LEDGER_ID: text,
    REGISTRY_TABLE: text,
    EVIDENCE_TABLE: text,
    POLICIES_BUCKET: text,
    POLICIES_KEY: text,
    POLICIES_REVISION: text,
    TIMEOUT_SECONDS: z.coerce.number(),
    BUNDLE_SHA256: text,
    AWS_LAMBDA_FUNCTION_NAME: text,
    AWS_LAMBDA_FUNCTION_VERSION: text,
  });
}
export type Environment = ReturnType<typeof environment>;

import * as z from 'zod/mini';
import { parsedVariables, type Variables } from './variables';

const text = z.string().check(z.minLength(1));

/** What the witness's stack gives its function. */
const witnessSchema = z.object({
  PINNED_ORIGIN: text,
  /** PEM. */
  PINNED_KEY: text,
  LEDGER_BUCKET: text,
  OWN_BUCKET: text,
  MEMORY_TABLE: text,
  SIGNING_KEY: text,
});

/** Reads the environment of the witness. @throws Failure Internal naming the variables that are missing */
export function parseWitnessEnvironment(env: Variables): z.infer<typeof witnessSchema> {
  return parsedVariables(witnessSchema, env);
}

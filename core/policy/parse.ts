import { Failure } from '../failure';
import { complaintsOf, type Complaint } from './complaints';
import { policySchema, type Policy } from './schema';

/**
 * Parses one policy document. Unknown fields are refused, not ignored: a misspelt field is a control that never runs.
 * @throws Failure InvalidInput naming the file, each field, its value and what is allowed
 */
export function parsePolicy(document: unknown, source: string): Policy {
  const result = policySchema.safeParse(document);
  if (result.success) return result.data;
  throw invalid(source, complaintsOf(result.error, document));
}

/** Turns complaints into the one error a person reads. */
function invalid(source: string, complaints: readonly Complaint[]): Failure {
  const lines = complaints.map(({ field, message }) => `${field}: ${message}`);
  const message = `${source}: ${lines.join('; ')}. Nothing was changed. Correct the file and run: gapless plan`;
  return new Failure('InvalidInput', message, 'none');
}

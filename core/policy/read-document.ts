import * as z from 'zod/mini';
import { Failure } from '../failure';
import { compilePolicies, type PolicyDocument } from './document';
import type { Policy } from './schema';

// What stands in a policy was parsed when it was compiled; that it is still that document is what is looked at here.
const compiled = z.object({
  policies: z.array(
    z.object({ policy: z.custom<Policy>((value) => typeof value === 'object' && value !== null) }),
  ),
});

/**
 * Reads a compiled document back. Whatever makes a revision is in its hash, so a document of that revision holds the very
 * policies that were parsed and compiled.
 * @param source where the text is from, for the error
 * @throws Failure InvalidInput when it is no compiled document, or that of another revision (nothing was changed)
 */
export function readPolicyDocument(text: string, revision: string, source: string): PolicyDocument {
  const read = compiled.safeParse(asJson(text));
  const document = read.success ? compilePolicies(read.data.policies.map(({ policy }) => policy)) : undefined;
  if (document?.revision === revision) return document;
  const found =
    document === undefined ? 'no compiled policies' : `the policies of revision ${document.revision}`;
  const message = `${source} holds ${found}; this function was deployed with revision ${revision}. Nothing was changed. Deploy the app again.`;
  throw new Failure('InvalidInput', message, 'none');
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

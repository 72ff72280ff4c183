import * as z from 'zod/mini';
import type { PolicyDocument } from './document';
import { complaintsOf, invalid, parsePolicy } from './parse';

const compiled = z.strictObject({
  revision: z.string(),
  policies: z.array(
    z.strictObject({ policy: z.unknown(), sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
  ),
});

/**
 * Reads a compiled document back.
 * @param source where the text is from, for the error
 * @throws Failure InvalidInput when it is no compiled document (nothing was changed)
 */
export function readPolicyDocument(text: string, source: string): PolicyDocument {
  const document = asJson(text, source);
  const result = compiled.safeParse(document);
  if (!result.success) throw invalid(source, complaintsOf(result.error, document));
  const { revision, policies } = result.data;
  return {
    revision,
    policies: policies.map(({ policy, sha256 }, index) => ({
      policy: parsePolicy(policy, `${source} policies.${index}`),
      sha256,
    })),
  };
}

function asJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(source, [{ field: '(document)', message: 'want JSON' }]);
  }
}

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { Failure } from '../failure';
import type { BulkRequest } from './request';
import type { Candidate } from './selection';

const asked = z.strictObject({
  identityId: z.string(),
  /** Name of the Revocation's execution, which is the id of its run. */
  name: z.string(),
  /** `no`: there is nothing to start, and `why` says so. */
  start: z.enum(['yes', 'no']),
  why: z.nullable(z.string()),
  input: z.strictObject({
    identityId: z.string(),
    reason: z.string(),
    bulk: z.string(),
  }),
});

/** One identity of a frozen selection; the lists of the bucket hold one of these for each. */
export type Asked = z.infer<typeof asked>;

/** The id of an identity's revocation within a bulk run: the same however often the bulk run is begun. */
export function childRunId(bulkRunId: string, identityId: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['bulk', bulkRunId, identityId]))
    .digest('hex')
    .slice(0, 40);
}

/** Freezes a selection. `proven` are the identities that are revoked, and proven so, already. */
export function freeze(
  bulkRunId: string,
  { reason }: Pick<BulkRequest, 'reason'>,
  candidates: readonly Candidate[],
  proven: ReadonlySet<string>,
): readonly Asked[] {
  return candidates.map((candidate) => {
    const { identityId } = candidate;
    const why = notStarted(candidate, proven);
    const input = { identityId, reason, bulk: bulkRunId };
    return {
      identityId,
      name: childRunId(bulkRunId, identityId),
      start: why === null ? 'yes' : 'no',
      why,
      input,
    };
  });
}

/** Why no revocation is started for an identity; null when one is. */
export function notStarted(candidate: Candidate, proven: ReadonlySet<string>): string | null {
  const { identityId, policy, row } = candidate;
  if (proven.has(identityId))
    return `revoked already, and proven, by run ${row?.revoked?.runId ?? 'unknown'}`;
  if (policy === undefined) return 'no policy names it any more, so nobody knows where to revoke it';
  return row === undefined ? 'its policy is not enrolled yet; the next sweep does that' : null;
}

/** SHA-256 of a list's bytes as it is stored, hex. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Reads a frozen list back.
 * @throws Failure EvidenceConflict when it is gone or is not what the evidence says (nothing was changed)
 */
export function parseAsked(
  text: string | undefined,
  { key, sha256 }: { readonly key: string; readonly sha256: string },
): readonly Asked[] {
  if (text !== undefined && sha256Of(text) === sha256) return z.array(asked).parse(JSON.parse(text));
  const found = text === undefined ? 'nothing' : `an object with SHA-256 ${sha256Of(text)}`;
  const message = `The list ${key} of everybody asked has SHA-256 ${sha256} by the evidence; there is ${found}. Nothing was changed. Look at the versions of that object.`;
  throw new Failure('EvidenceConflict', message, 'none');
}

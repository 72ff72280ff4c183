import * as z from 'zod/mini';
import { count, level, text } from './fields';

const list = z.object({ key: text, sha256: text });

/** Whom a bulk run was asked to revoke. */
export const selection = z.object({
  by: z.enum(['owner', 'tag', 'kind', 'ids', 'incident']),
  value: text,
  count,
  /** The list of everybody asked, in the bucket, and the hash of its bytes. */
  list,
  /** Whether a second person had to agree, by the policies and the deployment's limit. */
  approval: z.enum(['required', 'never']),
});

/** What became of everybody a bulk run was asked for. */
export const census = z.object({
  asked: count,
  done: count,
  failed: count,
  skipped: count,
  unknown: count,
  /** Lowest level among those done. */
  level,
  /** The list of verdicts, one for each identity asked, each with the id of its run. */
  list,
});

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

// An auditor's own reading of a chain, after docs: it shares no code with what wrote it.

const told = z.looseObject({
  chain: z.string(),
  runId: z.string(),
  seq: z.number(),
  prev: z.string(),
  token: z.string(),
  type: z.string(),
  stage: z.string(),
  change: z.optional(z.string()),
  effect: z.optional(z.string()),
  outcome: z.optional(z.string()),
  versionId: z.optional(z.nullable(z.string())),
  proofHead: z.optional(z.object({ seq: z.number(), hash: z.string() })),
});
/** A record as far as the oracle reads it. */
export type Told = z.infer<typeof told>;

/** What a store gives for one place. */
export interface Stored {
  readonly body: string;
  readonly hash: string;
}

/** What the first record of a chain links to. */
export const START = '0'.repeat(64);

/** Reads a chain whose every hash and link holds. @returns its records, and what is wrong with them */
export function readChain(
  chain: string,
  runId: string,
  stored: readonly Stored[],
): { readonly records: readonly Told[]; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  let last = START;
  const records = stored.map(({ body, hash }, at) => {
    const record = told.parse(JSON.parse(body));
    const place = `${chain}#${runId} ${at}`;
    if (record.chain !== chain || record.runId !== runId || record.seq !== at)
      wrong.push(`${place}: the record is of another place`);
    if (record.prev !== last) wrong.push(`${place}: does not link to the record before it`);
    // RFC 6962 section 2.1: the hash of a leaf begins with a zero byte.
    const own = createHash('sha256').update(Buffer.of(0)).update(body, 'utf8').digest('hex');
    if (own !== hash) wrong.push(`${place}: its hash is not that of its bytes`);
    last = hash;
    return record;
  });
  return { records, wrong };
}

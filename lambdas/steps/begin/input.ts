import * as z from 'zod/mini';
import { IDENTITY_ID } from '../../../core/policy/identity-id';

const runId = z.string().check(z.minLength(1), z.maxLength(96));
const identityId = z.string().check(z.regex(IDENTITY_ID));

/** Input of the machine Settle. */
export const settleInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('adopt'), runId }),
  z.strictObject({
    kind: z.literal('pay'),
    identityId,
    versionId: z.string(),
    type: z.enum(['refusal', 'removal']),
    attempt: z.int(),
  }),
  z.strictObject({ kind: z.literal('contain'), identityId, about: runId, attempt: z.int() }),
]);
/** What Settle starts an execution with: a dead run to take over, an obligation to pay, or all that a revocation left. */
export type SettleInput = z.infer<typeof settleInput>;

import * as z from 'zod/mini';

const actor = z.object({ type: z.string(), id: z.string(), assurance: z.string() });

/** An approval as the API shows it. */
export const approvalView = z.object({
  approvalId: z.string(),
  runId: z.string(),
  identityId: z.string(),
  kind: z.string(),
  /** Canonical JSON; its SHA-256 is what a decision names. */
  request: z.string(),
  requestSha256: z.string(),
  requester: actor,
  requestedAt: z.string(),
  expiresAt: z.string(),
  decision: z.nullable(
    z.object({
      verdict: z.enum(['approved', 'denied', 'expired']),
      approver: z.nullable(z.string()),
      at: z.string(),
      reason: z.optional(z.string()),
    }),
  ),
});
export type ApprovalView = z.infer<typeof approvalView>;

export const approvalList = z.object({ approvals: z.array(approvalView) });

/** What is asked for, as one line a field. */
export function requestLines({ request, requestSha256, expiresAt }: ApprovalView): readonly string[] {
  const fields = z.record(z.string(), z.unknown()).parse(JSON.parse(request));
  const shown = Object.entries(fields).filter(([, value]) => value !== null);
  return [
    ...shown.map(([name, value]) => `${name.padEnd(14)} ${textOf(value)}`),
    `${'sha256'.padEnd(14)} ${requestSha256}`,
    `${'expires'.padEnd(14)} ${expiresAt}`,
  ];
}

function textOf(value: unknown): string {
  const by = actor.safeParse(value);
  if (by.success) return `${by.data.id} (${by.data.assurance})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { canonical } from '../evidence/canonical';
import type { RecordOf } from '../evidence/record';

/** How long an approval waits for a decision, in seconds; after that it is denied. */
export const APPROVAL_SECONDS = 15 * 60;

/** A request that cannot change any more: its only text, and the hash that an approver names. */
export interface FrozenRequest {
  /** Canonical JSON. */
  readonly text: string;
  /** SHA-256 of the text, hex. */
  readonly sha256: string;
}

/**
 * Freezes what a run was opened to do. It is made of the run's own RunOpened record, so whoever reads the record later
 * gets the same text.
 */
export function frozenRequest(opened: RecordOf<'RunOpened'>): FrozenRequest {
  const { ledgerId, runId, kind, identity, trigger, about, reason, slot, requestedAt, deadline, selection } =
    opened;
  return freeze({
    v: 1,
    ledgerId,
    runId,
    kind,
    identityId: identity.id,
    owner: identity.owner,
    trigger,
    // Of a reissue: the revocation after which it makes a new credential.
    about,
    afterwards: opened.stages.includes('Reissue') ? 'reissue' : 'nothing',
    reason,
    slot,
    requestedAt,
    deadline,
    requester: opened.actor,
    policySha256: opened.policy.sha256,
    // Of a bulk revocation: how many, and exactly who.
    ...(selection && { selection: { count: selection.count, listSha256: selection.list.sha256 } }),
  });
}

const reissue = z.object({ trigger: z.literal('reissue'), about: z.string() });

/** The revocation after which a frozen request wants a new credential; undefined when it wants something else. */
export function reissueAfter(text: string): string | undefined {
  const wanted = reissue.safeParse(JSON.parse(text));
  return wanted.success ? wanted.data.about : undefined;
}

/** Canonical JSON (RFC 8785) of plain values, and its hash. */
export function freeze(value: object): FrozenRequest {
  const text = canonical(value);
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** The id of the approval of a run, which is also the id of the approval's own run: 40 hex digits. */
export function approvalIdOf(runId: string): string {
  return freeze({ approvalOf: runId }).sha256.slice(0, 40);
}

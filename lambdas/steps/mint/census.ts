import type { Call, Subject } from '../../../core/call';
import type { LiveCredential } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { MutatorDeps } from '../deps';
import { versionIdOf } from './version-id';

/** What lives at the target before anything is made there. */
export interface Census {
  /** Made by a run of ours that died before it could keep what it was given: labelled, and held by nobody. */
  readonly orphans: readonly LiveCredential[];
  /** Those the identity cannot be told to own, and for issued kinds those nobody noted: reported, never touched. */
  readonly strangers: readonly LiveCredential[];
  /** Everything that will still be there when the orphans are gone, without this run's own candidate. */
  readonly staying: readonly LiveCredential[];
}

const none: Census = { orphans: [], strangers: [], staying: [] };

/** Lists the target and tells apart what is known, what a dead run left, and what is strange. */
export async function census(
  deps: MutatorDeps,
  policy: Policy,
  subject: Subject,
  call: Call,
  runId: string,
): Promise<Census> {
  const { descriptor, operations } = deps.connector;
  if (!descriptor.capabilities.includes('list')) return none;
  const live = await operations.list(subject, call);
  if (descriptor.issueStyle === 'chosen')
    return { ...none, strangers: live.filter(({ attributable }) => !attributable), staying: live };
  const candidateId = versionIdOf(runId);
  const held = await heldIds(deps, policy, subject, candidateId);
  const isKnown = ({ remoteId }: LiveCredential) => held.some((each) => each.remoteId === remoteId);
  const isOrphan = (each: LiveCredential) => each.attributable && each.runId !== undefined && !isKnown(each);
  const own = held.find(({ versionId }) => versionId === candidateId)?.remoteId;
  return {
    orphans: live.filter((each) => isOrphan(each)),
    strangers: live.filter((each) => !isKnown(each) && !isOrphan(each)),
    staying: live.filter((each) => !isOrphan(each) && each.remoteId !== own),
  };
}

/** Everything somebody still holds or owes: labels and known versions of the vault, and open obligations. */
async function heldIds(
  deps: MutatorDeps,
  policy: Policy,
  subject: Subject,
  candidateId: string,
): Promise<readonly { readonly versionId: string; readonly remoteId: string }[]> {
  const [labels, { row, owed }] = await Promise.all([
    deps.vault.labels(policy.secret),
    deps.registry.standing(policy.id),
  ]);
  // A note of a candidate is no material: only the vault says whether somebody holds it.
  const noted = (row?.versions ?? []).filter(({ runId }) => runId === undefined);
  const ours = (row?.versions ?? []).flatMap(({ runId, versionId }) =>
    runId === undefined ? [] : [versionId],
  );
  const { current, pending, previous } = labels;
  const ids = [current, pending, previous, candidateId, ...ours].filter((id) => id !== undefined);
  const read = await Promise.all(
    [...new Set(ids)].map(async (versionId) => {
      const material = await deps.vault.read(policy.secret, versionId);
      const remoteId = material && deps.connector.operations.remoteIdOf(subject, material);
      return remoteId === undefined ? [] : [{ versionId, remoteId }];
    }),
  );
  return [...read.flat(), ...noted, ...owed.filter(({ type }) => type !== 'review')];
}

/**
 * Sees that there is room for one more: a target with a fixed number of places is never made room in by guessing.
 * @throws Failure QuotaReached naming what is there; nothing was changed
 */
export function assertRoom(
  deps: Pick<MutatorDeps, 'connector'>,
  policy: Policy,
  { staying, strangers }: Census,
): void {
  const { quota, kind } = deps.connector.descriptor;
  if (quota === undefined || staying.length < quota) return;
  const names = staying.map(
    (each) => `${each.remoteId}${strangers.includes(each) ? ' (unknown to Gapless)' : ''}`,
  );
  const message = `${policy.id}: a ${kind} target has room for ${quota} credentials and holds ${names.join(', ')}. Nothing was changed. None of them is taken away by guessing: find out who uses the unknown one, delete it at the target, and start again.`;
  throw new Failure('QuotaReached', message, 'none');
}

/** What to write down about strangers; null when there are none. */
export function strangersIn({ strangers }: Census): string | null {
  if (strangers.length === 0) return null;
  const names = strangers.slice(0, 5).map(({ remoteId }) => remoteId);
  return `${strangers.length} live credential(s) at the target cannot be attributed and were left alone: ${names.join(', ')}`;
}

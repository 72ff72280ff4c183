import type { Call, Subject } from '../../../core/call';
import type { CredentialVersion } from '../../../core/credential';
import type { Policy } from '../../../core/policy/schema';
import { listedId } from '../../../core/run/revoking';
import type { MutatorDeps } from '../deps';
import type { Changes } from './changes';
import type { Known } from './known';

/** More than these are not named in a record; their number is. */
const MOST_NAMED = 8;

/** What lives at the target beside the known versions: the identity's own, and what nobody can attribute. */
export async function listed(
  deps: Pick<MutatorDeps, 'connector'>,
  subject: Subject,
  call: Call,
  known: readonly CredentialVersion[],
): Promise<{ readonly own: readonly Known[]; readonly foreign: readonly string[] }> {
  if (!deps.connector.descriptor.capabilities.includes('list')) return { own: [], foreign: [] };
  const live = await deps.connector.operations.list(subject, call);
  const names = known.map(({ remoteId }) => remoteId);
  const own = live.filter(
    ({ attributable, status, remoteId }) => attributable && status === 'active' && !names.includes(remoteId),
  );
  return {
    own: own.map(({ remoteId }) => ({ versionId: listedId(remoteId), remoteId, noted: 'yes' })),
    foreign: live.filter(({ attributable }) => !attributable).map(({ remoteId }) => remoteId),
  };
}

/** What is not the identity's, by the target's own list or by what its secret holds. */
export interface LeftAlone {
  /** What the target calls them. */
  readonly foreign: readonly string[];
  /** Ids of versions of the secret. */
  readonly disowned: readonly string[];
}

/** What nobody can attribute to the identity is on record and left alone. */
export async function report(
  changes: Changes,
  { kind, id, secret }: Policy,
  { foreign, disowned }: LeftAlone,
): Promise<void> {
  const said = [
    ...named(foreign, 'live credential(s) at the target cannot be attributed and were left alone'),
    ...named(disowned, `version(s) of ${secret} hold no ${kind} credential of ${id} and were left alone`),
  ];
  if (said.length === 0) return;
  const detail = said.join('; ').slice(0, 1_000);
  await changes.make({ versionId: null, change: 'list' }, async () => ({ effect: 'notApplicable', detail }));
}

function named(names: readonly string[], what: string): readonly string[] {
  return names.length === 0 ? [] : [`${names.length} ${what}: ${names.slice(0, MOST_NAMED).join(', ')}`];
}

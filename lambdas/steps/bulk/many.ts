import { MANY } from '../../../core/bulk/many';
import type { RecordOf } from '../../../core/evidence/record';

const unknown = { team: null, environment: null, platform: null, site: null };

/** What RunOpened says where a run is about everybody that a bulk revocation is for. `revision` is of the policies. */
export function factsOfMany(
  revision: string,
  { owner = MANY, kind = MANY }: { readonly owner?: string | undefined; readonly kind?: string | undefined },
): Pick<RecordOf<'RunOpened'>, 'identity' | 'policy'> {
  return {
    identity: { id: MANY, aliases: [], kind, strategy: 'none', owner, ...unknown },
    policy: { id: MANY, revision, sha256: revision },
  };
}

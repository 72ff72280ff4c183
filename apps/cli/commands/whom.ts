import { Exit } from '../exit';
import type { Selected } from '../watch/bulk';

/** Flags of `gapless revoke` that say whom it is for. */
export interface WhomFlags {
  readonly owner?: string;
  readonly tag?: string;
  readonly kind?: string;
  readonly incident?: string;
  readonly dryRun?: true;
  readonly reissue?: true;
  readonly breakGlass?: true;
}

/** One identity, or everybody that a selection means. */
export type Whom = { readonly one: string } | { readonly many: Selected };

/**
 * Whom a revocation is for.
 * @throws Exit usage when nobody is named, a selection is named twice, or a flag does not go with it
 */
export function whomOf(ids: readonly string[], flags: WhomFlags): Whom {
  const { owner, tag, kind, incident, dryRun, reissue, breakGlass } = flags;
  const selections = [owner, tag, kind].filter((value) => value !== undefined).length;
  const [one] = ids;
  if (selections === 0 && incident === undefined) {
    if (dryRun) throw usage('--dry-run goes with --owner, --tag, --kind or --incident');
    if (one !== undefined && ids.length === 1) return { one };
    throw usage(`identity: got ${ids.length} of them, want one, or several with --incident <name>`);
  }
  if (reissue || breakGlass) throw usage('--reissue and --break-glass go with one identity');
  if (incident !== undefined) {
    if (selections > 0 || one === undefined)
      throw usage('--incident: want the ids of its identities beside it, and no other selection');
    return { many: { ids, incident } };
  }
  if (selections > 1 || one !== undefined)
    throw usage('want exactly one of --owner, --tag and --kind, and no identity beside it');
  return { many: { owner, tag, kind } };
}

function usage(why: string): Exit {
  return new Exit('usage', `${why}. Nothing was changed. See: npx gapless revoke --help`);
}

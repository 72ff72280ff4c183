import type { LedgerCheck } from '../../../core/ledger/verify';
import { countOf, type Waiting } from './late-records';

type Verified = Extract<LedgerCheck, { state: 'verified' }>;

/** `nothing`: nothing of what was asked for is verified. `partly`: what is verified is not known to be all. */
export interface Gap {
  readonly leaves: 'nothing' | 'partly';
  readonly why: string;
}

/** Why a ledger that holds together does not answer for all that was asked; empty when it does. */
export function gapsOf(check: Verified, waiting: Waiting): readonly Gap[] {
  return [...nothingSealed(check), ...late(check, waiting), ...comparedWithNothing(check)];
}

function nothingSealed({ scope, records, size }: Verified): readonly Gap[] {
  if (scope.kind === 'run' && records === 0)
    return [
      {
        leaves: 'nothing',
        why: `No record of run ${scope.runId} is under a checkpoint, so nothing of it is verified. Seal runs every minute; its chains alone: npx gapless evidence verify ${scope.runId}`,
      },
    ];
  if (size > 0) return [];
  const why =
    'This ledger has no checkpoint, so nothing is verified. A deployment seals within a minute of its first run; a ledger that had checkpoints before was emptied: compare it with --seen, --copy or --witness.';
  return [{ leaves: 'nothing', why }];
}

function late({ scope }: Verified, waiting: Waiting): readonly Gap[] {
  const leaves = scope.kind === 'run' ? 'nothing' : 'partly';
  if (waiting === 'unknown') {
    const why =
      'Whether records of an emergency wait in the spill could not be read, so what is verified may lack some. Nothing was changed. Verify again with rights to list the versions under spill/ and read them.';
    return [{ leaves, why }];
  }
  const count = countOf(waiting);
  if (count === 0) return [];
  const why = `${count} records wait in the spill and are under no checkpoint; Settle delivers them. Verify again then.`;
  return [{ leaves, why }];
}

/** Who keeps nothing agrees with everything: a copy that was emptied, or another place than was meant. */
function comparedWithNothing({ copied, size }: Verified): readonly Gap[] {
  if (size === 0) return [];
  return copied
    .filter((each) => each.size === 0)
    .map(({ name }) => ({
      leaves: 'partly',
      why: `The ${name} holds no checkpoint, so this ledger of ${size} records was compared with nothing there. See whether the place is the right one, and whether it was emptied.`,
    }));
}

import { composeWitness } from '../runtime/compose-ledger';
import { safely } from '../runtime/safely';
import { Failure } from '../../core/failure';
import { witness } from '../steps/witness/run';

// Made once per worker, as in seal.ts.
let deps: ReturnType<typeof composeWitness> | undefined;

/**
 * Started by its schedule in an account of its own. An alarm ends the invocation with an error, which is what the stack's
 * alarm counts.
 */
export async function handler(): Promise<{ readonly size: number }> {
  try {
    deps ??= composeWitness();
    const { size, alarms } = await witness(deps);
    if (alarms.length === 0) return { size };
    const text = alarms.map(({ kind, sentence }) => `${kind}: ${sentence}`).join(' ');
    throw new Failure('EvidenceConflict', `${text} What to do: docs/runbooks/witness-alarm.md`, 'none');
  } catch (error) {
    throw safely(error, 'Witness');
  }
}

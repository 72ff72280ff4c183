import { composeSeal } from '../runtime/compose-ledger';
import { safely } from '../runtime/safely';
import { seal, type Sealing } from '../steps/seal/run';

// Made once per worker, as in settle.ts: clients made anew each minute would leave their connections behind.
let deps: ReturnType<typeof composeSeal> | undefined;

/** Started by its schedule, not by a state machine, so there is no stage in its event. */
export async function handler(): Promise<Sealing> {
  try {
    deps ??= composeSeal();
    return await seal(deps);
  } catch (error) {
    throw safely(error, 'Seal');
  }
}

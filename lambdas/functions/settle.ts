import { composeSettle } from '../runtime/compose';
import { safely } from '../runtime/safely';
import { settle, type Settled } from '../steps/settle/run';

// Made once per worker: clients made anew each minute would leave their connections behind.
let deps: ReturnType<typeof composeSettle> | undefined;

/** Started by its schedule, not by a state machine, so there is no stage in its event. */
export async function handler(): Promise<Settled> {
  try {
    deps ??= composeSettle();
    return await settle(deps);
  } catch (error) {
    throw safely(error, 'Settle');
  }
}

import { composeSettle } from '../runtime/compose';
import { safely } from '../runtime/serve';
import { settle, type Settled } from '../steps/settle/run';

/** Started by its schedule, not by a state machine, so there is no stage in its event. */
export async function handler(): Promise<Settled> {
  try {
    return await settle(composeSettle());
  } catch (error) {
    throw safely(error, 'Settle');
  }
}

import { composeConfirm } from '../runtime/compose';
import { log } from '../runtime/log';
import { safely } from '../runtime/safely';
import { confirm, type Confirmed } from '../steps/confirm/run';

let deps: ReturnType<typeof composeConfirm> | undefined;

/** Called by a rule, not by a state machine, so there is no stage in its event. */
export async function handler(event: unknown): Promise<Confirmed> {
  try {
    deps ??= composeConfirm();
    const confirmed = await confirm(deps, event);
    const { state, about, why } = confirmed;
    log({ level: 'info', stage: 'Confirm', runId: about ?? '', outcome: state, message: why ?? '' });
    return confirmed;
  } catch (error) {
    const safe = safely(error, 'Confirm');
    log({ level: 'error', stage: 'Confirm', runId: '', outcome: safe.name, message: safe.message });
    throw safe;
  }
}

import { Failure } from '../../../core/failure';
import type { RunState } from '../../../core/run/state';
import type { Execution } from '../deps';
import { inEmergency } from '../emergency';
import { adopt } from './adopt';
import { settleInput } from './input';
import { pay } from './pay';
import type { Ports } from './state';

/**
 * Begins one piece of settling.
 * @throws Failure LeaseHeld when there is nothing to do any more, or somebody else works on the identity; StepBusy
 *   while a worker of the dead run, or one that the identity was taken away from, may still be acting
 */
export async function begin(deps: Ports, execution: Execution, input: unknown): Promise<RunState> {
  const request = settleInput.safeParse(input);
  if (!request.success) {
    const message =
      'The input is none of {"kind":"adopt","runId"}, {"kind":"pay","identityId","versionId","type","attempt"} and {"kind":"contain","identityId","about","attempt"}. Nothing was changed. Settle starts these executions by itself.';
    throw new Failure('InvalidInput', message, 'none');
  }
  return request.data.kind === 'adopt'
    ? adopt(inEmergency(deps), execution, request.data.runId)
    : pay(deps, execution, request.data);
}

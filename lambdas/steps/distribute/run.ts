import type { ConsumerObserved } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Consumer } from '../../../core/policy/schema';
import { pairOf } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import type { Claims } from '../../../core/ports/registry';
import { change, nothingToDo } from '../change';
import type { Deps, Using } from '../deps';
import { httpConsumer } from '../prove/consumers';

const TIMEOUT_MS = 5_000;

type Ports = Pick<Deps, 'evidence' | 'policies' | 'consumers' | 'now' | 'timeoutMs' | 'ledgerId' | 'code'> &
  Using<Claims>;

/**
 * Tells every consumer that can be told to read the current version again. What a consumer answers proves nothing and
 * fails nothing: the next proving stage looks at the version it really uses.
 */
export async function distribute(
  deps: Ports,
  run: RunState,
  stage: 'Distribute' | 'DistributeBack',
): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const pair = pairOf(run);
  const versionId = pair?.good ?? '';
  const intent = {
    stage,
    controls: policy.controls,
    change: 'reload',
    versionId,
    supersededId: pair?.bad ?? null,
  } as const;
  if (policy.consumers.length === 0) return (await nothingToDo(deps, run, intent, { versionId })).run;
  const { run: after } = await change(deps, run, intent, async () => {
    const consumers = await Promise.all(policy.consumers.map((consumer) => tell(deps, consumer, versionId)));
    return { effect: 'applied', versionId, consumers };
  });
  return after;
}

async function tell(deps: Ports, consumer: Consumer, versionId: string): Promise<ConsumerObserved> {
  const line = {
    consumer: consumer.id,
    observer: consumer.observe,
    versionId: null,
    failedCalls: null,
    state: 'unknown',
  } as const;
  if (consumer.observe === 'target-sessions') return { ...line, cause: 'has no reload call' };
  try {
    const answer = await deps.consumers.reload(httpConsumer(consumer), versionId, TIMEOUT_MS);
    return { ...line, cause: `answered ${answer}` };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...line, cause: error.message.slice(0, 300) };
  }
}

import type { Call, Subject } from '../../../core/call';
import { Failure } from '../../../core/failure';
import { categoryOf } from '../../../core/failure-category';
import type { MutatorDeps } from '../deps';
import type { Changes } from './changes';

/** Denies the identity everything, where its kind can. That it cannot be must not keep its credentials alive. */
export async function isolated(
  deps: Pick<MutatorDeps, 'connector'>,
  changes: Changes,
  subject: Subject,
  call: Call,
): Promise<Failure[]> {
  const { descriptor, operations } = deps.connector;
  if (!descriptor.capabilities.includes('isolate')) return [];
  try {
    await changes.make({ versionId: null, change: 'isolate' }, async () => {
      const { effect, requestId = null, left = null } = await operations.isolate(subject, call);
      return { effect, requestId, detail: left };
    });
    return [];
  } catch (error) {
    if (!(error instanceof Failure) || categoryOf(error.name) === 'fenced') throw error;
    return [error];
  }
}

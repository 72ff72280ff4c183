import { seconds } from '../../../core/policy/duration';
import type { Policy } from '../../../core/policy/schema';

/**
 * How long both versions stay valid after the consumers were told. Zero when every consumer can be seen on the new
 * version, because ConfirmNew then waits for exactly that; else the policy's bound.
 */
export function overlapSeconds(policy: Policy): number {
  if (policy.consumers.length > 0 || !policy.rotation) return 0;
  return seconds(policy.rotation.overlap);
}

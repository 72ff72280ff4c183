import { pulseKey, pulseText, pulseTime } from '../../../core/ledger/pulse';
import { signedBytes } from '../../../core/ledger/signed';
import type { LedgerHead } from '../../../core/ledger/next-list';
import type { SealDeps } from './deps';

/** Says once in a turn that the sealer is alive and found nothing new. */
export async function pulse(deps: SealDeps, head: LedgerHead): Promise<void> {
  const time = pulseTime(deps.now());
  if ((await deps.sealed.get(pulseKey(time))) !== undefined) return;
  const { origin, size, checkpointHash } = head;
  const text = pulseText({ origin, size, checkpointHash, time });
  await deps.sealed.put(pulseKey(time), signedBytes(text, await deps.signer.sign(Buffer.from(text))));
}

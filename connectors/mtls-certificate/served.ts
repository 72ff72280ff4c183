import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { Asked } from './endpoint';
import { exchange } from './exchange';

const POLL_MS = 100;
/** Part of a call's time that looking may take. */
const SHARE = 0.5;

/**
 * Looks with handshakes of its own until the endpoint shows a certificate: what it says of itself is no proof.
 * @throws Failure TargetUnreachable, effect unknown, when it does not in time
 */
export async function awaitServed(
  { subject, target, call }: Asked,
  material: Material,
  fingerprint: string,
): Promise<void> {
  const [certificate, key] = [material.reveal('certificate') ?? '', material.reveal('key') ?? ''];
  const [version = 'TLSv1.3'] = target.versions;
  const { host, port } = target;
  const deadline = call.monotonic() + call.timeoutMs * SHARE;
  for (;;) {
    const timeoutMs = Math.max(1, Math.floor(deadline - call.monotonic()));
    const seen = await exchange(target, { host, port, version, certificate, key, timeoutMs });
    if (seen.end === 'answer' && seen.served === fingerprint) return;
    if (call.monotonic() + POLL_MS >= deadline) break;
    await call.sleep(POLL_MS);
  }
  const message = `${subject.identityId}: the endpoint took the new server pair and does not show it to a client yet; looked at again later`;
  throw new Failure('TargetUnreachable', message, 'unknown');
}

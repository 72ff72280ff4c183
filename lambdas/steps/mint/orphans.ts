import type { Call, Subject } from '../../../core/call';
import type { LiveCredential } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { MutatorDeps } from '../deps';
import { versionIdOf } from './version-id';

/**
 * Revokes what dead runs left at an issuer, and reads back that it is gone. Issuers show material once, so an orphan is
 * never adopted; and as nobody holds it, nobody can present it either: it is contained and read back, not probed.
 * @returns what was done, in words for the record; undefined when there was nothing to do
 * @throws Failure TargetUnreachable, effect unknown, while one of them is still listed as active
 */
export async function revokeOrphans(
  deps: Pick<MutatorDeps, 'connector'>,
  subject: Subject,
  orphans: readonly LiveCredential[],
  call: Call,
): Promise<string | undefined> {
  if (orphans.length === 0) return undefined;
  const { operations, descriptor } = deps.connector;
  for (const { remoteId, runId = '' } of orphans) {
    const version = { versionId: versionIdOf(runId), remoteId };
    if (descriptor.capabilities.includes('suspend')) await operations.suspend(subject, version, call);
    await operations.revoke(subject, version, 'keepPrincipal', call);
  }
  const names = orphans.map(({ remoteId, runId }) => `${remoteId} of run ${runId}`);
  const listed = await operations.list(subject, call);
  const left = listed.filter(
    ({ remoteId, status }) => status === 'active' && orphans.some((orphan) => orphan.remoteId === remoteId),
  );
  if (left.length === 0) return `revoked what dead runs had been issued and nobody held: ${names.join(', ')}`;
  const message = `${subject.identityId}: ${left.map(({ remoteId }) => remoteId).join(', ')} was revoked and is still listed as active. The step looks again; nothing new is issued before it is gone.`;
  throw new Failure('TargetUnreachable', message, 'unknown');
}

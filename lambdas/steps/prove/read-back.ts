import type { Call, Subject } from '../../../core/call';
import type { CredentialVersion, LiveCredential } from '../../../core/credential';
import type { SessionsCounted } from '../../../core/evidence/record';
import type { ProberDeps } from '../deps';
import type { Proof } from './record';
import { sessionsLeft } from './sessions';

/** At what a credential is looked up, and under which authority. */
interface Scene {
  readonly subject: Subject;
  readonly call: Call;
}

/** Nobody can present it, so it counts for no more than what the control plane says of it. */
export async function readBack(
  deps: ProberDeps,
  scene: Scene,
  { versionId, remoteId }: CredentialVersion,
): Promise<Proof> {
  const live = (await listed(deps, scene)).find((credential) => credential.remoteId === remoteId);
  const version = { versionId, remoteId };
  const { subject, call } = scene;
  const sessions = await sessionsLeft(deps, { subject, version, scope: {}, call }, undefined);
  return {
    versionId,
    claim: 'contained',
    ...worthOfReading(deps, live, sessions),
    observed: [],
    rule: { refusals: 0, windowMs: 0, paths: [] },
    sessions,
  };
}

function worthOfReading(
  { connector }: Pick<ProberDeps, 'connector'>,
  live: LiveCredential | undefined,
  { after, method, countedBy }: SessionsCounted,
): Pick<Proof, 'finding' | 'cause'> {
  if (live?.status === 'active') return { finding: 'disproven', cause: 'the target lists it as active' };
  if ((after ?? 0) > 0)
    return { finding: 'disproven', cause: `${after} session(s) of it are still open (${countedBy})` };
  if (!connector.descriptor.capabilities.includes('list'))
    return { finding: 'inconclusive', cause: 'the kind lists nothing, so nothing can be read back' };
  if (method === 'unknown')
    return { finding: 'inconclusive', cause: `its sessions could not be counted: ${countedBy}` };
  return { finding: 'proven', cause: null };
}

/** What lives at the target; nothing of a kind that cannot be listed. */
export async function listed(deps: ProberDeps, { subject, call }: Scene): Promise<readonly LiveCredential[]> {
  if (!deps.connector.descriptor.capabilities.includes('list')) return [];
  return deps.connector.operations.list(subject, call);
}

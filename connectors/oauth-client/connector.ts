import type { VerbsOf } from '../../core/capability';
import type { Call, Subject } from '../../core/call';
import type { Change } from '../../core/connector';
import type { CredentialVersion } from '../../core/credential';
import { Failure } from '../../core/failure';
import { boundOf } from './bound';
import type { descriptor } from './descriptor';
import { ask } from './management';
import { clientIn } from './probe';
import { wayOf } from './strategies';
import { targetOf } from './target';
import { assertLife, tokenFor, witnessFields } from './witness';

/** The verbs of oauth-client: dynamic client registration, and a deny list where the policy has one. */
export const operations: VerbsOf<typeof descriptor> = {
  remoteIdOf(subject, material) {
    return wayOf(subject).remoteIdOf(material);
  },

  async preflight(subject, current, call) {
    const [target, way] = [targetOf(subject), wayOf(subject)];
    await way.list(subject, target, call);
    if (!current || (await way.whose(subject, target, current.remoteId, call)) === 'own') return;
    const message = `${subject.identityId}: the issuer does not know ${current.remoteId}, which the current secret is for. Nothing was changed. Put the client in use into the secret`;
    throw new Failure('PrincipalMissing', message, 'none');
  },

  async list(subject, call) {
    return wayOf(subject).list(subject, targetOf(subject), call);
  },

  async issue(subject, current, call) {
    const target = targetOf(subject);
    const held = clientIn(current);
    assertLife(subject.identityId, target, held && (await tokenFor(target, held, call)));
    const { remoteId, client, fields } = await wayOf(subject).make(subject, target, current, call);
    const witness = witnessFields(await tokenFor(target, client, call));
    const shown = { client_id: client.id, client_secret: client.secret };
    return { remoteId, material: current.with({ ...shown, ...fields, ...witness }) };
  },

  async suspend(subject, version, call) {
    return gone(subject, version, call);
  },

  async revoke(subject, version, _disposition, call) {
    return gone(subject, version, call);
  },

  async boundSessions(subject, _version, material, derivation, call) {
    return boundOf(subject, targetOf(subject), material, derivation, call);
  },
};

// RFC 7592 knows no disabled client, so there is one end for both verbs. The client goes first: while it is there, it
// gets new tokens, and a deny list that is down must not keep it alive.
async function gone(subject: Subject, { remoteId }: CredentialVersion, call: Call): Promise<Change> {
  const [target, way] = [targetOf(subject), wayOf(subject)];
  const found = await way.whose(subject, target, remoteId, call);
  const state = found === 'gone' ? 'alreadySo' : await way.remove(target, remoteId, call);
  if (target.denyList !== undefined) {
    const url = new URL(`${target.denyList.replace(/\/+$/, '')}/${encodeURIComponent(remoteId)}`);
    await ask(target, { method: 'PUT', url }, call, 'denyToken');
  }
  return { effect: state === 'done' ? 'applied' : 'alreadySo' };
}

import type { Call, Subject } from '../../core/call';
import type { Change, MutatorVerb } from '../../core/connector';
import type { CredentialVersion } from '../../core/credential';
import { Failure } from '../../core/failure';
import type { MutatorHalf, VerbsOf } from '../../core/verbs';
import { looks } from './looks';
import { ask } from './management';
import { sightOf, wayOf } from './strategies';
import { targetOf } from './target';
import { clientIn } from './token';
import { traits } from './traits';
import { assertLife, tokenFor, witnessFields } from './witness';

/** The verbs that change clients: dynamic client registration, and a deny list where the policy has one. */
const operations: VerbsOf<typeof traits, MutatorVerb> = {
  ...looks,

  async preflight(subject, current, call) {
    const [target, way] = [targetOf(subject), wayOf(subject)];
    await sightOf(subject).list(subject, target, call);
    if (!current || (await way.whose(subject, target, current.remoteId, call)) === 'own') return;
    const message = `${subject.identityId}: the issuer does not know ${current.remoteId}, which the current secret is for. Nothing was changed. Put the client in use into the secret`;
    throw new Failure('PrincipalMissing', message, 'none');
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
};

/** The half of oauth-client that changes clients. */
export const mutator: MutatorHalf<typeof traits> = { descriptor: traits, operations };

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

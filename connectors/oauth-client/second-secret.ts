import type { Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { textOf } from '../../net/json';
import { ask } from './management';
import { whoseClient } from './registration';
import { secretsAt, secretsOf, urlOf } from './secrets';
import { clientIn } from './token';
import type { Way } from './way';

/**
 * A second secret of the same client, and the first one deleted, for issuers that let a client have two. What the secret
 * is called is `<client id>/<secret id>`.
 */
export const secondSecret: Way = {
  async make(subject, target, current, call) {
    const held = clientIn(current);
    if (!held) throw noClient(subject);
    if ((await whoseClient(subject, target, held.id, call)) === 'gone') throw noClient(subject);
    const { label, id, value, url } = secretsAt(subject, target, held.id);
    const body = label === undefined ? {} : { [label]: call.runId };
    const { body: made } = await ask(target, { method: 'POST', url, body }, call);
    const [secretId, secret] = [textOf(made, id), textOf(made, value)];
    if (secretId !== undefined && secret !== undefined)
      return {
        remoteId: `${held.id}/${secretId}`,
        client: { id: held.id, secret },
        fields: { secret_id: secretId },
      };
    const message = `${subject.identityId}: the issuer said it made a secret and its answer lacks ${id} or ${value}. If it made one, the next attempt finds and deletes it. Correct target.secrets in the policy`;
    throw new Failure('TargetRejected', message, 'unknown');
  },

  async whose(subject, target, remoteId, call) {
    const { clientId } = parts(remoteId);
    if ((await whoseClient(subject, target, clientId, call)) === 'gone') return 'gone';
    const secrets = await secretsOf(subject, target, clientId, call);
    return secrets.some((secret) => secret.remoteId === remoteId) ? 'own' : 'gone';
  },

  async remove(target, remoteId, call) {
    const { clientId, secretId } = parts(remoteId);
    const url = new URL(`${urlOf(target, clientId)}/${encodeURIComponent(secretId)}`);
    return (await ask(target, { method: 'DELETE', url }, call)).state;
  },
};

/** Secret ids hold no slash; client ids may. */
function parts(remoteId: string): { readonly clientId: string; readonly secretId: string } {
  const at = remoteId.lastIndexOf('/');
  return { clientId: remoteId.slice(0, Math.max(0, at)), secretId: remoteId.slice(at + 1) };
}

function noClient({ identityId }: Subject): Failure {
  const message = `${identityId}: the current secret names no client of the issuer, so there is none to make a second secret for. Nothing was changed. Put the client in use into the secret`;
  return new Failure('PrincipalMissing', message, 'none');
}

import type { Call, Subject } from '../../core/call';
import type { LiveCredential } from '../../core/credential';
import { Failure } from '../../core/failure';
import { textOf } from './json';
import { ask } from './management';
import { clientIn } from './probe';
import { clientUrl, listClients, whoseClient } from './registration';
import type { ClientTarget } from './target';
import type { Way } from './way';

/**
 * A second secret of the same client, and the first one deleted, for issuers that let a client have two. What the secret
 * is called is `<client id>/<secret id>`.
 */
export const secondSecret: Way = {
  remoteIdOf(material) {
    const [client, secretId] = [clientIn(material), material.reveal('secret_id')];
    return client && secretId ? `${client.id}/${secretId}` : undefined;
  },

  async list(subject, target, call) {
    const clients = await listClients(subject, target, call);
    const own = clients.filter(({ attributable }) => attributable);
    const secrets = await Promise.all(
      own.map(async ({ remoteId }) => secretsOf(subject, target, remoteId, call)),
    );
    return [...secrets.flat(), ...clients.filter(({ attributable }) => !attributable)];
  },

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

function urlOf(target: ClientTarget, clientId: string): string {
  return `${clientUrl(target, clientId).href}${target.secrets?.path ?? ''}`;
}

function secretsAt({ identityId }: Subject, target: ClientTarget, clientId: string) {
  if (target.secrets) return { ...target.secrets, url: new URL(urlOf(target, clientId)) };
  const message = `${identityId}: the strategy second-secret wants target.secrets, which says where the issuer makes secrets of a client. Nothing was changed. Correct the policy`;
  throw new Failure('InvalidInput', message, 'none');
}

async function secretsOf(
  subject: Subject,
  target: ClientTarget,
  clientId: string,
  call: Call,
): Promise<readonly LiveCredential[]> {
  const { url, id, label } = secretsAt(subject, target, clientId);
  const { state, body } = await ask(target, { method: 'GET', url }, call);
  if (state === 'alreadySo') return [];
  if (!Array.isArray(body)) throw unreadable(subject, 'it is no list');
  return body.map((item: unknown) => {
    const secretId = textOf(item, id);
    if (secretId === undefined) throw unreadable(subject, `a secret without ${id}`);
    const runId = label === undefined ? undefined : textOf(item, label);
    return {
      remoteId: `${clientId}/${secretId}`,
      status: 'active',
      attributable: true,
      ...(runId !== undefined && { runId }),
    };
  });
}

function noClient({ identityId }: Subject): Failure {
  const message = `${identityId}: the current secret names no client of the issuer, so there is none to make a second secret for. Nothing was changed. Put the client in use into the secret`;
  return new Failure('PrincipalMissing', message, 'none');
}

function unreadable({ identityId }: Subject, what: string): Failure {
  const message = `${identityId}: the issuer answered a list of secrets that cannot be read: ${what}. Nothing was changed. Correct target.secrets in the policy`;
  return new Failure('TargetRejected', message, 'none');
}

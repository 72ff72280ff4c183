import type { Call, Subject } from '../../core/call';
import type { LiveCredential } from '../../core/credential';
import { Failure } from '../../core/failure';
import { textOf } from '../../net/json';
import { ask } from './management';
import { clientUrl, listClients } from './registration';
import type { ClientTarget } from './target';
import { clientIn } from './token';
import type { Sight } from './way';

/** Secrets of a client, as they are seen. What one is called is `<client id>/<secret id>`. */
export const secrets: Sight = {
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
};

/** Where the secrets of a client are made and listed; each is below that. */
export function urlOf(target: ClientTarget, clientId: string): string {
  return `${clientUrl(target, clientId).href}${target.secrets?.path ?? ''}`;
}

/** Where the secrets of a client are, and how its issuer names their fields. */
export function secretsAt({ identityId }: Subject, target: ClientTarget, clientId: string) {
  if (target.secrets) return { ...target.secrets, url: new URL(urlOf(target, clientId)) };
  const message = `${identityId}: the strategy second-secret wants target.secrets, which says where the issuer makes secrets of a client. Nothing was changed. Correct the policy`;
  throw new Failure('InvalidInput', message, 'none');
}

/** The secrets that a client has; none when there is no such client. */
export async function secretsOf(
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

function unreadable({ identityId }: Subject, what: string): Failure {
  const message = `${identityId}: the issuer answered a list of secrets that cannot be read: ${what}. Nothing was changed. Correct target.secrets in the policy`;
  return new Failure('TargetRejected', message, 'none');
}

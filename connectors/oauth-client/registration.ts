import type { Call, Subject } from '../../core/call';
import type { LiveCredential } from '../../core/credential';
import { Failure } from '../../core/failure';
import { fieldOf, numberOf, textOf } from '../../net/json';
import { ask } from './management';
import type { ClientTarget } from './target';
import type { ClientSecret } from './token';

/**
 * Registers a client (RFC 7591). `software_id` names the identity and `software_version` the run, so that the list says
 * whose it is and who asked for it.
 * @throws Failure TargetRejected, effect unknown, when the answer lacks the client; else as `ask`
 */
export async function register(subject: Subject, target: ClientTarget, call: Call): Promise<ClientSecret> {
  const { registration, scope } = target;
  const body = {
    ...registration.metadata,
    client_name: `${subject.identityId} (${call.runId})`,
    software_id: subject.identityId,
    software_version: call.runId,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_basic',
    ...(scope !== undefined && { scope }),
  };
  const { body: made } = await ask(target, { method: 'POST', url: new URL(registration.url), body }, call);
  const [id, secret] = [textOf(made, 'client_id'), textOf(made, 'client_secret')];
  if (id !== undefined && secret !== undefined) return { id, secret };
  const message = `${subject.identityId}: the issuer said it registered a client and its answer lacks client_id or client_secret. If it made one, the next attempt finds and deletes it. See that the issuer gives secrets to clients that use client_secret_basic`;
  throw new Failure('TargetRejected', message, 'unknown');
}

/**
 * The clients the issuer lists: the identity’s own by their `software_id`, and everybody else’s.
 * @throws Failure TargetRejected when the answer is no list of clients
 */
export async function listClients(
  subject: Subject,
  target: ClientTarget,
  call: Call,
): Promise<readonly LiveCredential[]> {
  const { registration } = target;
  const url = new URL(registration.list ?? registration.url);
  if (registration.filter !== undefined) url.searchParams.set(registration.filter, subject.identityId);
  const { body } = await ask(target, { method: 'GET', url }, call);
  const items = registration.items === undefined ? body : fieldOf(body, registration.items);
  if (!Array.isArray(items)) throw unreadable(subject, `${registration.items ?? 'it'} is no list`);
  return items.map((item: unknown) => {
    const remoteId = textOf(item, 'client_id');
    if (remoteId === undefined) throw unreadable(subject, 'a client without client_id');
    const [runId, seconds] = [textOf(item, 'software_version'), numberOf(item, 'client_id_issued_at')];
    return {
      remoteId,
      status: 'active',
      attributable: textOf(item, 'software_id') === subject.identityId,
      ...(runId !== undefined && { runId }),
      ...(seconds !== undefined && { createdAt: new Date(seconds * 1_000).toISOString() }),
    };
  });
}

/**
 * Asks whose client it is, right before it is touched.
 * @throws Failure InvalidInput when it is another's: that one is left alone
 */
export async function whoseClient(
  subject: Subject,
  target: ClientTarget,
  clientId: string,
  call: Call,
): Promise<'own' | 'gone'> {
  const { state, body } = await ask(target, { method: 'GET', url: clientUrl(target, clientId) }, call);
  if (state === 'alreadySo') return 'gone';
  if (textOf(body, 'software_id') === subject.identityId) return 'own';
  const message = `client ${clientId} is not known to belong to ${subject.identityId} (its software_id) and is left alone. Nothing was changed`;
  throw new Failure('InvalidInput', message, 'none');
}

/** Deletes a client (RFC 7592, section 2.3). */
export async function deleteClient(
  target: ClientTarget,
  clientId: string,
  call: Call,
): Promise<'done' | 'alreadySo'> {
  return (await ask(target, { method: 'DELETE', url: clientUrl(target, clientId) }, call)).state;
}

/** Where a client is read and deleted (RFC 7592), and what belongs to it is found. */
export function clientUrl({ registration }: ClientTarget, clientId: string): URL {
  return new URL(`${registration.url.replace(/\/+$/, '')}/${encodeURIComponent(clientId)}`);
}

function unreadable({ identityId }: Subject, what: string): Failure {
  const message = `${identityId}: the issuer answered a list of clients that cannot be read: ${what}. Nothing was changed. Correct registration.list and registration.items in the policy`;
  return new Failure('TargetRejected', message, 'none');
}

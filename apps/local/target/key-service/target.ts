import type { KeyService } from './start';

/** The `target` fields of a policy that describe the key service, as somebody would write them. */
export function keyServiceTarget({ ports }: Pick<KeyService, 'ports'>) {
  const headers = { authorization: 'Bearer {authority.token}' };
  const api = `http://127.0.0.1:${ports.service}`;
  return {
    api,
    allowPrivate: true,
    create: {
      method: 'POST',
      path: '/keys',
      headers,
      body: { owner: '{identity}', label: '{run}' },
      success: [201],
      answer: { id: 'id', key: 'key' },
    },
    list: {
      method: 'GET',
      path: '/keys',
      headers,
      answer: {
        items: 'keys',
        id: 'id',
        owner: 'owner',
        state: 'state',
        active: 'active',
        run: 'label',
        createdAt: 'created',
        lastUsedAt: 'lastUsed',
      },
    },
    read: { method: 'GET', path: '/keys/{id}', headers, answer: { owner: 'owner' } },
    disable: { method: 'POST', path: '/keys/{id}/disable', headers },
    delete: { method: 'DELETE', path: '/keys/{id}', headers },
    probe: {
      url: `${api}/whoami`,
      headers: { 'x-api-key': '{key}' },
      accepted: [
        { status: 200, field: 'key', equals: '{id}' },
        { status: 403, field: 'key', equals: '{id}' },
      ],
      refused: [{ status: 401, field: 'error', equals: 'invalid_key' }],
    },
    gateway: {
      api: `http://127.0.0.1:${ports.gateway}`,
      refused: [{ status: 401, field: 'error', equals: 'blocked_key' }],
      block: {
        method: 'PUT',
        path: '/blocked/{id}',
        headers: { authorization: 'Bearer {authority.gatewayToken}' },
      },
      unblock: {
        method: 'DELETE',
        path: '/blocked/{id}',
        headers: { authorization: 'Bearer {authority.gatewayToken}' },
      },
    },
  } as const;
}

import { randomBytes } from 'node:crypto';

interface Secret {
  readonly id: string;
  readonly value: string;
  readonly label: string | undefined;
}

/** Further secrets of clients, as issuers offer them beside the one of RFC 7591; each is deleted by its id. */
export class ClientSecrets {
  readonly #kept = new Map<string, Secret>();

  add(clientId: string, label: string | undefined): { readonly id: string; readonly client_secret: string } {
    const secret = {
      id: randomBytes(8).toString('hex'),
      value: randomBytes(32).toString('base64url'),
      label,
    };
    this.#kept.set(`${clientId}/${secret.id}`, secret);
    return { id: secret.id, client_secret: secret.value };
  }

  /** As a list shows them: without values. */
  of(clientId: string): readonly object[] {
    return this.#ofClient(clientId).map(({ id, label }) => ({ id, label }));
  }

  remove(clientId: string, id: string): 'removed' | 'none' {
    return this.#kept.delete(`${clientId}/${id}`) ? 'removed' : 'none';
  }

  holds(clientId: string, value: string): boolean {
    return this.#ofClient(clientId).some((secret) => secret.value === value);
  }

  #ofClient(clientId: string): readonly Secret[] {
    return [...this.#kept].filter(([key]) => key.startsWith(`${clientId}/`)).map(([, secret]) => secret);
  }
}

import type { Material } from '../../../../core/material';

/** Name of the control credential's role. */
export const CONTROL = 'control';

/** One role as the model keeps it. */
export interface ModelRole {
  readonly name: string;
  login: boolean;
  password: string | undefined;
  /** Of the last change. */
  fence: number;
}

/** Roles and sessions of one database, with a clock that moves at every change. */
export class ModelServer {
  readonly roles = new Map<string, ModelRole>();
  sessions: { readonly role: string; readonly startedAt: string }[] = [];
  #time = Date.UTC(2026, 0, 1);

  /** The next moment of the server's own clock, ISO 8601. */
  tick(): string {
    this.#time += 1_000;
    return new Date(this.#time).toISOString();
  }

  add(name: string, password: string | undefined): void {
    this.roles.set(name, { name, login: password !== undefined, password, fence: 0 });
  }

  /** The identity's login roles; the control role is another's. */
  own(): readonly ModelRole[] {
    return [...this.roles.values()].filter(({ name }) => name !== CONTROL);
  }

  accepts(material: Pick<Material, 'reveal'>): boolean {
    const role = this.roles.get(material.reveal('username') ?? '');
    return (
      role?.login === true && role.password !== undefined && role.password === material.reveal('password')
    );
  }
}

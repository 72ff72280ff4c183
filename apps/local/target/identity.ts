import type { Material } from '../../../core/material';

/** An identity on a local server: its policy as a file holds it, and the secrets that it starts with. */
export interface TargetIdentity {
  readonly id: string;
  readonly policy: Readonly<Record<string, unknown>> & { readonly secret: string };
  readonly secrets: TargetSecrets;
}

/** Secrets by name; `use` is the tag that decides who may read one. */
export type TargetSecrets = Readonly<
  Record<string, { readonly use: 'identity' | 'admin' | 'control'; readonly material: Material }>
>;

/** What an identity's secrets hold: the credential in force, and what changes and observes its target. */
export interface Held {
  readonly identity: Material;
  readonly admin: Material;
  readonly control: Material;
}

/** Who an identity is, in fields that every policy has. */
export interface Named {
  readonly id: string;
  readonly owner: string;
  /** Name of its own secret; those of its target's roles lie below it. */
  readonly secret: string;
  readonly every: string;
  readonly within: string;
}

/** The fields of a policy that no kind changes, with the names of its secrets in `target`. */
export function policyOf(
  { id, owner, secret, every, within }: Named,
  { kind, strategy, target }: { readonly kind: string; readonly strategy: string; readonly target: object },
): TargetIdentity['policy'] & { readonly revocation: object } {
  return {
    id,
    kind,
    owner,
    secret,
    target: { admin: `${secret}/admin`, control: `${secret}/control`, ...target },
    rotation: { strategy, every },
    revocation: { within, owner },
  };
}

/** The three secrets of an identity by name, its own last: whoever finds that one has them all. */
export function secretsOf({ secret }: Pick<Named, 'secret'>, held: Held): TargetSecrets {
  return {
    [`${secret}/admin`]: { use: 'admin', material: held.admin },
    [`${secret}/control`]: { use: 'control', material: held.control },
    [secret]: { use: 'identity', material: held.identity },
  };
}

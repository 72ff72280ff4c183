import { randomUUID } from 'node:crypto';
import { connector as real } from '../../connectors/postgres-role';
import type { Subject } from '../../core/call';
import type { Connector, Operations } from '../../core/connector';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import type { Probe } from '../../core/probe';
import type { MemoryVault } from '../../adapters/memory/vault';
import { unreachedPolicy } from './unreached-policy';

const unused = async () => Promise.reject(new Error('a revocation does not do this'));

/** How the model meets a revocation of one identity. */
export type Fate = 'dies' | 'rejects' | 'silent' | 'resists' | 'breaks';

/**
 * A model of a thousand targets, for what is said about many runs at once: who was counted as what. No proof about a
 * credential kind rests on it; those are tested against real servers.
 */
export class ModelTarget {
  readonly #dead = new Set<string>();

  constructor(private readonly fates: ReadonlyMap<string, Fate>) {}

  readonly connector: Connector = {
    descriptor: {
      ...real.descriptor,
      sessions: 'none',
      settle: { refusals: 1, windowSeconds: 0, periodMs: 0 },
      probeBudgetSeconds: 0,
    },
    operations: this.#operations(),
    probe: this.#probe(),
  };

  /** Asked of the model itself, not of any record. */
  isDead(identityId: string): boolean {
    return this.#dead.has(identityId);
  }

  fateOf(identityId: string): Fate {
    return this.fates.get(identityId) ?? 'dies';
  }

  #operations(): Operations {
    return {
      remoteIdOf: (_subject, material) => material.reveal('username'),
      preflight: unused,
      list: async () => [],
      mint: unused,
      apply: unused,
      suspend: async ({ identityId }) => this.#suspend(identityId),
      revoke: async () => ({ effect: 'applied' }),
      isolate: unused,
      countSessions: unused,
      endSessions: unused,
      issue: unused,
      boundSessions: unused,
      block: unused,
      unblock: unused,
    };
  }

  async #suspend(identityId: string): Promise<{ readonly effect: 'applied' }> {
    const fate = this.fateOf(identityId);
    if (fate === 'rejects')
      throw new Failure('TargetRejected', 'the model rejects it. Nothing was changed.', 'none');
    if (fate === 'breaks') throw new Error('the model breaks');
    if (fate !== 'resists') this.#dead.add(identityId);
    return { effect: 'applied' };
  }

  #probe(): Probe {
    return {
      randomLike: (material) => material.with({ password: 'random' }),
      observe: async (subject, version, material) => ({
        verdict: this.#verdict(subject, version.versionId, material),
        rawCode: 'model',
        latencyMs: 0,
      }),
    };
  }

  #verdict({ identityId }: Subject, versionId: string, material: Material) {
    if (this.fateOf(identityId) === 'silent')
      return { state: 'inconclusive', cause: 'the model is silent' } as const;
    const good = versionId === 'control' || !this.isDead(identityId);
    const refused = material.reveal('password') === 'random' || !good;
    return refused ? ({ state: 'refused', signal: '28P01' } as const) : ({ state: 'accepted' } as const);
  }
}

/** The part of a policy that says what somebody else has to agree to. */
export type ManyApproval = { readonly revocation?: 'required' };

/** Policies of so many identities on the model: `many-0000`, `many-0001` ... */
export function manyPolicies(
  count: number,
  approval: ManyApproval = {},
): readonly (ReturnType<typeof unreachedPolicy> & { readonly approval: ManyApproval })[] {
  return Array.from({ length: count }, (_, index) => ({
    ...unreachedPolicy(`many-${String(index).padStart(4, '0')}`),
    approval,
  }));
}

/** Stores a secret of each use for every policy. */
export function storeMany(vault: MemoryVault, policies: readonly ReturnType<typeof unreachedPolicy>[]): void {
  for (const { id, secret, target } of policies)
    for (const name of [secret, target.admin, target.control])
      vault.create(name, randomUUID(), new Material({ username: 'orders_app', password: `of ${id}` }));
}

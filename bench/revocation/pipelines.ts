import { enrol } from '../../lambdas/steps/sweep/enrol';
import type { Fleet } from '../../test/support/fleet';
import { memoryApp } from '../../test/support/memory-app';
import { enginePipelineOf } from '../overhead/engine';

/** The whole product over one kind of store, revoking one identity after the other. */
export interface Revoking {
  readonly name: string;
  /** Most that its median may be of the bare script's. */
  readonly goal: number;
  /** Revokes an identity and checks that the run ended well. */
  revoke(identityId: string): Promise<void>;
  stop(): Promise<void>;
}

const input = (identityId: string) => ({ identityId, reason: 'a bench' });

/** Our own CPU only: the synthesised machines and steps over stores in this process. */
export async function memoryRevoking(fleet: Fleet): Promise<Revoking> {
  const app = await memoryApp(fleet.roles.map(({ policy }) => policy));
  fleet.store(app.vault);
  await enrol(app.deps);
  return {
    name: 'in-memory stores',
    goal: 1.1,
    revoke: async (identityId) => {
      const { status, cause } = await app.run('Revocation', `of-${identityId}`, input(identityId));
      if (status !== 'SUCCEEDED') throw new Error(`the revocation ended ${String(status)}: ${String(cause)}`);
    },
    stop: () => app.stop(),
  };
}

/** The synthesised app in the embedded engine: worker threads, signed requests, wire protocols, stores on disk. */
export async function engineRevoking(fleet: Fleet): Promise<Revoking> {
  const [first, ...others] = fleet.roles;
  if (!first) throw new Error('there is nobody to revoke');
  const shared = secretsOf(fleet);
  const pipeline = await enginePipelineOf([
    { policy: first.policy, secrets: shared },
    ...others.map(({ policy }) => ({ policy, secrets: {} })),
  ]);
  return {
    name: 'embedded engine',
    goal: 1.6,
    revoke: (identityId) => pipeline.revoke(identityId),
    stop: () => pipeline.stop(),
  };
}

function secretsOf({ roles, admin, control }: Fleet) {
  const shared = roles[0]?.policy.target;
  return {
    [String(shared?.['admin'])]: { use: 'admin', material: admin },
    [String(shared?.['control'])]: { use: 'control', material: control },
    ...Object.fromEntries(
      roles.map(({ policy, material }) => [policy.secret, { use: 'identity', material }] as const),
    ),
  } as const;
}

import { randomUUID } from 'node:crypto';
import { Material } from '../../../../core/material';
import { strategies } from '../../../support/rotation-scene';
import { unreachedPolicy } from '../../../support/unreached-policy';
import type { TrialIdentity, World } from '../world';
import { modelConnector } from './model-connector';
import { CONTROL, ModelServer } from './model-server';

/** A target in memory, on which thousands of trials take minutes. */
export async function modelWorld(): Promise<World> {
  return {
    name: 'model',
    strategies,
    derivedMs: 0,
    seed: async (id, strategy) => seeded(id, strategy),
    stop: async () => undefined,
  };
}

function material(username: string): Material {
  return new Material({ username, password: `canary-${randomUUID()}` });
}

function seeded(id: string, strategy: string): TrialIdentity {
  const server = new ModelServer();
  const names = strategy === 'alternating' ? ['orders_a', 'orders_b'] : ['orders_app'];
  const [inForce = ''] = names;
  const [first, control] = [material(inForce), material(CONTROL)];
  for (const name of names) server.add(name, name === inForce ? first.reveal('password') : undefined);
  server.add(CONTROL, control.reveal('password'));
  server.sessions.push({ role: inForce, startedAt: server.tick() });
  const policy = policyOf(id, strategy, names);
  const { admin, control: controlSecret } = policy.target;
  return {
    id,
    secret: policy.secret,
    policy,
    connector: modelConnector(server, strategy),
    others: [admin, controlSecret],
    store: (vault) => {
      vault.create(policy.secret, randomUUID(), first);
      vault.create(admin, randomUUID(), material('admin'));
      vault.create(controlSecret, randomUUID(), control);
    },
    accepts: async (given) => server.accepts(given),
    oldSessions: async () => server.sessions.length,
    objects: async () => server.own().map(({ name, login }) => `${name}${login ? ' may log in' : ''}`),
    startsAt: 0,
    reach: async () => undefined,
    end: async () => undefined,
  };
}

function policyOf(id: string, strategy: string, roles: readonly string[]) {
  const base = unreachedPolicy(id);
  const owner = strategy === 'alternating' ? { owner: 'orders_owner' } : {};
  return {
    ...base,
    target: { ...base.target, roles, ...owner },
    rotation: { strategy, every: '30d' },
  };
}

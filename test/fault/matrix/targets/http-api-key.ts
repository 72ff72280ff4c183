import * as z from 'zod/mini';
import { keyIdentity, letIn } from '../../../../apps/local/target/key-service/identity';
import { startKeyService, type KeyService } from '../../../../apps/local/target/key-service/start';
import { connector } from '../../../../connectors/http-api-key';
import { inTest, storeFirst } from '../../../support/first-secrets';
import type { TrialIdentity, World } from '../world';
import { namesOf, type Listed } from './issued';
import { SkippingClock } from './skipping-clock';

const PACE = { periodMs: 1_000, windowSeconds: 2 };
const keys = z.object({ keys: z.array(z.object({ id: z.string(), owner: z.string(), state: z.string() })) });

/** A key service, and one of its edges, which a gateway stands before; the oracle asks the others too. */
export async function httpApiKeyWorld(): Promise<World> {
  const service = await startKeyService();
  const clock = new SkippingClock((advanceMs) => service.turn({ advanceMs }));
  return {
    name: 'http-api-key',
    strategies: ['side-by-side'],
    derivedMs: 0,
    seed: (id) => seeded(service, clock, id),
    stop: () => service.stop(),
  };
}

async function seeded(service: KeyService, clock: SkippingClock, id: string): Promise<TrialIdentity> {
  const identity = await keyIdentity(service, inTest(id), PACE);
  const { secret } = identity.policy;
  const paths = [{ id: 'at-partner', address: `127.0.0.1:${service.ports.partner}` }];
  const policy = { ...identity.policy, target: { ...Object(identity.policy['target']), paths } };
  return {
    id,
    secret,
    policy,
    connector,
    others: Object.keys(identity.secrets).filter((name) => name !== secret),
    store: (vault) => storeFirst(vault, identity.secrets),
    accepts: async (material) => (await letIn(service, material.reveal('key') ?? '')).length > 0,
    oldSessions: async () => 0,
    objects: async (inForce) => namesOf(await listed(service, id), inForce?.reveal('id')),
    startsAt: clock.now(),
    reach: (now) => clock.reach(now),
    // The service lists every key it has, and nobody needs them any more.
    end: async () => {
      for (const { name } of await listed(service)) await service.delete(name);
    },
  };
}

async function listed({ ports, tokens }: KeyService, owner?: string): Promise<readonly Listed[]> {
  const url = new URL(`http://127.0.0.1:${ports.service}/keys`);
  if (owner !== undefined) url.searchParams.set('owner', owner);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${tokens.reader}` } });
  return keys
    .parse(await answer.json())
    .keys.map(({ id, state }) => ({ name: id, state: state === 'active' ? 'open' : 'closed' }));
}

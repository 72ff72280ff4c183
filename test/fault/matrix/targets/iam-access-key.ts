import { iamIdentity } from '../../../../apps/local/target/iam/identity';
import type { Keys } from '../../../../apps/local/target/iam/signed';
import { regions, startIam, type IamAccount } from '../../../../apps/local/target/iam/start';
import { connector } from '../../../../connectors/iam-access-key';
import type { Material } from '../../../../core/material';
import { inTest, storeFirst } from '../../../support/first-secrets';
import type { TrialIdentity, World } from '../world';
import { namesOf, type Listed } from './issued';
import { SkippingClock } from './skipping-clock';

const PACE = { propagationSeconds: 15, windowSeconds: 2, refusals: 3, periodMs: 1_000 };
/** Longest life of a session of a user, by the documentation of GetSessionToken: 36 hours. */
const SESSION_MS = 36 * 3_600_000;
const INACTIVE = 'gapless:inactive:';

/** An AWS account's IAM and STS, and a data service in two regions. */
export async function iamAccessKeyWorld(): Promise<World> {
  const account = await startIam();
  const clock = new SkippingClock((advanceMs) => account.turn({ advanceMs }));
  return {
    name: 'iam-access-key',
    strategies: ['second-key'],
    derivedMs: SESSION_MS,
    seed: (id) => seeded(account, clock, id),
    stop: () => account.stop(),
  };
}

async function seeded(account: IamAccount, clock: SkippingClock, id: string): Promise<TrialIdentity> {
  const target = { sessions: { end: 'issueTime' }, pace: PACE };
  const { policy, first, user, secrets } = await iamIdentity(account, inTest(id), {
    target,
    witness: 'kept',
  });
  const session = await account.session(first);
  return {
    id,
    secret: policy.secret,
    policy,
    connector,
    others: Object.keys(secrets).filter((name) => name !== policy.secret),
    store: (vault) => storeFirst(vault, secrets),
    accepts: async (material) => known(account, keysIn(material)),
    oldSessions: async () => {
      const seen = await Promise.all(regions.map(async (region) => account.listTables(session, region)));
      return seen.filter((answer) => answer === 'ok').length;
    },
    objects: async (inForce) => namesOf(await listed(account, user), inForce && keysIn(inForce).accessKeyId),
    startsAt: clock.now(),
    reach: (now) => clock.reach(now),
    end: async () => undefined,
  };
}

function keysIn(material: Material): Keys {
  const [accessKeyId = '', secretAccessKey = ''] = ['accessKeyId', 'secretAccessKey'].map((name) =>
    material.reveal(name),
  );
  return { accessKeyId, secretAccessKey };
}

/** Whether STS or the data service of any region knows the key, whatever they let it do. */
async function known(account: IamAccount, keys: Keys): Promise<boolean> {
  const [status, ...tables] = await Promise.all([
    account.whoami(keys),
    ...regions.map(async (region) => account.listTables(keys, region)),
  ]);
  return status === 200 || tables.some((answer) => answer.startsWith('AccessDenied') || answer === 'ok');
}

/** Its keys, and notes about keys that are gone. */
async function listed(account: IamAccount, user: string): Promise<readonly Listed[]> {
  const { keys, tags } = await account.show(user);
  const notes = Object.keys(tags).filter(
    (tag) => tag.startsWith(INACTIVE) && !keys.some(({ id }) => tag === `${INACTIVE}${id}`),
  );
  return [
    ...keys.map(({ id, status }) => ({ name: id, state: status === 'Active' ? 'open' : 'closed' }) as const),
    ...notes.map((name) => ({ name, state: 'closed' }) as const),
  ];
}

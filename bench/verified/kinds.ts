import { iamIdentity } from '../../apps/local/target/iam/identity';
import { startIam } from '../../apps/local/target/iam/start';
import type { TargetIdentity } from '../../apps/local/target/identity';
import { keyIdentity, letIn, type KeyIdentity } from '../../apps/local/target/key-service/identity';
import { startKeyService } from '../../apps/local/target/key-service/start';
import { mtlsIdentity } from '../../apps/local/target/mtls/identity';
import { startMtlsEndpoint } from '../../apps/local/target/mtls/start';
import { oauthIdentity } from '../../apps/local/target/oauth/identity';
import { startOAuth } from '../../apps/local/target/oauth/start';
import { connector as http } from '../../connectors/http-api-key';
import { connector as iam } from '../../connectors/iam-access-key';
import { connector as mtls } from '../../connectors/mtls-certificate';
import { connector as oauth } from '../../connectors/oauth-client';
import { connector as postgres } from '../../connectors/postgres-role';
import type { Connector } from '../../core/connector';
import { inTest } from '../../test/support/first-secrets';
import { testPostgres } from '../../test/support/postgres';
import { seedIdentity } from '../../test/support/postgres-identity';

/** Identities of one kind on its real server, and what is waited for on purpose. Milliseconds. */
export interface Subjects {
  readonly connector: Connector;
  readonly identities: readonly Pick<TargetIdentity, 'id' | 'policy' | 'secrets'>[];
  /** How long the server, or what stands in front of it, goes on accepting: propagation, cache, token life. */
  readonly delayMs: number;
  /** What that is, in a word. */
  readonly delayIs: 'delay' | 'validation cache' | 'propagation';
  /** How long refusals have to last before they count. */
  readonly windowMs: number;
  readonly periodMs: number;
  /** Puts caches into the state of daily use, right before a run. */
  before(index: number): Promise<unknown>;
  stop(): Promise<unknown>;
}

const CACHE_MS = 1_000;
const IAM_DELAY_SECONDS = 2;
const IAM_WINDOW_SECONDS = 1;
const IAM_PERIOD_MS = 500;

/** Makes `count` of something, one after the other: servers hand out what they make in order. */
async function each<T>(count: number, make: (index: number) => Promise<T>): Promise<readonly T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; index += 1) made.push(await make(index));
  return made;
}

const plain = { delayMs: 0, delayIs: 'delay', windowMs: 0, before: async () => undefined } as const;

async function postgresRoles(count: number): Promise<Subjects> {
  const server = await testPostgres();
  const identities = await each(count, async (index) =>
    seedIdentity(server, { id: `role-${index}`, strategy: 'alternating' }).then((seeded) => ({
      ...seeded,
      policy: { ...seeded.policy, secret: seeded.secret },
    })),
  );
  return { ...plain, connector: postgres, identities, periodMs: 20, stop: () => server.stop() };
}

async function httpKeys(count: number): Promise<Subjects> {
  const service = await startKeyService();
  await service.turn({ cacheMs: CACHE_MS });
  const pace = { cacheSeconds: CACHE_MS / 1_000, periodMs: 100 };
  const identities: readonly KeyIdentity[] = await each(count, (index) =>
    keyIdentity(service, inTest(`key-${index}`), pace),
  );
  return {
    ...plain,
    connector: http,
    identities,
    delayMs: CACHE_MS,
    delayIs: 'validation cache',
    periodMs: 100,
    before: async (index) => letIn(service, identities[index]?.first.key ?? ''),
    stop: () => service.stop(),
  };
}

async function oauthClients(count: number): Promise<Subjects> {
  const servers = await startOAuth();
  const identities = await each(count, (index) =>
    oauthIdentity(servers, inTest(`client-${index}`), 'introspected', {}),
  );
  return { ...plain, connector: oauth, identities, periodMs: 100, stop: () => servers.stop() };
}

async function certificates(count: number): Promise<Subjects> {
  const endpoint = await startMtlsEndpoint();
  const identities = await each(count, (index) =>
    mtlsIdentity(endpoint, inTest(`pair-${index}`), { periodMs: 100 }),
  );
  return { ...plain, connector: mtls, identities, periodMs: 100, stop: () => endpoint.stop() };
}

async function iamKeys(count: number): Promise<Subjects> {
  const account = await startIam();
  const pace = {
    propagationSeconds: IAM_DELAY_SECONDS,
    windowSeconds: IAM_WINDOW_SECONDS,
    periodMs: IAM_PERIOD_MS,
  };
  const target = { sessions: { end: 'issueTime' }, pace };
  // A session kept beside the key shows later that its sessions are denied.
  const given = { target, witness: 'kept' } as const;
  const identities = await each(count, (index) => iamIdentity(account, inTest(`user-${index}`), given));
  await account.turn({ propagationMs: IAM_DELAY_SECONDS * 1_000 });
  return {
    ...plain,
    connector: iam,
    identities,
    delayMs: IAM_DELAY_SECONDS * 1_000,
    delayIs: 'propagation',
    windowMs: IAM_WINDOW_SECONDS * 1_000,
    periodMs: IAM_PERIOD_MS,
    stop: () => account.stop(),
  };
}

/** How the subjects of each kind are made. */
export const kinds = {
  'postgres-role': postgresRoles,
  'http-api-key': httpKeys,
  'oauth-client': oauthClients,
  'mtls-certificate': certificates,
  'iam-access-key': iamKeys,
} as const;
export type Kind = keyof typeof kinds;

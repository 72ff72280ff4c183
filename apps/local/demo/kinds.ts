import { iamIdentity } from '../target/iam/identity';
import { startIam } from '../target/iam/start';
import type { Named, TargetIdentity } from '../target/identity';
import { keyIdentity } from '../target/key-service/identity';
import { startKeyService } from '../target/key-service/start';
import { mtlsIdentity } from '../target/mtls/identity';
import { startMtlsEndpoint } from '../target/mtls/start';
import { oauthIdentity } from '../target/oauth/identity';
import { startOAuth } from '../target/oauth/start';

/** An identity of a further kind, on a server of its own. */
export interface KindActor {
  readonly identity: TargetIdentity;
  /** The server, as it is told to a person. */
  readonly server: string;
  /** What the server says to the credential it started with, presented from this process. */
  asked(): Promise<string>;
  /** Moves the server's clock up to the engine's, epoch ms: processes do not share their time. */
  inStep(now: number): Promise<void>;
  stop(): Promise<unknown>;
}

/** Seconds; beyond the engine time that a demo lets pass. */
const TOKEN_SECONDS = 7_200;
const CACHE_SECONDS = 2;
/** What the account takes to forget a key, with replicas that are not equally far behind. */
const IAM_LAG_SECONDS = 3;

function named(id: string): Named {
  return { id, owner: 'demo', secret: `demo/${id}`, every: '365d', within: '1h' };
}

async function httpKey(): Promise<KindActor> {
  const service = await startKeyService();
  await service.turn({ cacheMs: CACHE_SECONDS * 1_000 });
  const identity = await keyIdentity(service, named('partner-key'), {
    cacheSeconds: CACHE_SECONDS,
    periodMs: 250,
  });
  return {
    identity,
    server: 'an API-key service with three consumers, a caching proxy and a gateway',
    asked: async () => `HTTP ${await service.whoami(identity.first.key)}`,
    inStep: async (now) => void (await service.turn({ advanceMs: ahead(now, await service.turn({})) })),
    stop: () => service.stop(),
  };
}

async function oauthClient(): Promise<KindActor> {
  const servers = await startOAuth();
  const identity = await oauthIdentity(servers, named('ci-client'), 'introspected', {
    tokenSeconds: TOKEN_SECONDS,
  });
  const form = { grant_type: 'client_credentials', scope: 'read' };
  return {
    identity,
    server: 'an OpenID provider and a resource server that introspects tokens',
    asked: async () => `HTTP ${(await servers.token(identity.first, form)).status} at the token endpoint`,
    async inStep(now) {
      const advanceMs = ahead(now, (await servers.turn({})).now);
      await servers.turn({ advanceMs });
      await servers.turnResource({ advanceMs });
    },
    stop: () => servers.stop(),
  };
}

async function certificate(): Promise<KindActor> {
  const endpoint = await startMtlsEndpoint();
  const identity = await mtlsIdentity(endpoint, named('edge-certificate'), { periodMs: 100 });
  return {
    identity,
    server: 'a TLS endpoint with a revocation list, TLS 1.2 and 1.3, session tickets on',
    asked: async () => `HTTP ${await endpoint.whoami(identity.first)} after the handshake`,
    // Validity is counted from the endpoint's own clock.
    inStep: async () => undefined,
    stop: () => endpoint.stop(),
  };
}

async function iamKey(): Promise<KindActor> {
  const account = await startIam();
  const pace = { propagationSeconds: IAM_LAG_SECONDS, windowSeconds: 2, periodMs: 250 };
  const target = { sessions: { end: 'issueTime' }, pace };
  const identity = await iamIdentity(account, named('batch-user'), { target, witness: 'kept' });
  await account.turn({ propagationMs: IAM_LAG_SECONDS * 1_000, replicas: 'flapping' });
  return {
    identity,
    server: `IAM, STS and a data service of two regions, up to ${IAM_LAG_SECONDS} s behind`,
    asked: async () => `HTTP ${await account.whoami(identity.first)} at STS`,
    inStep: async (now) => void (await account.turn({ advanceMs: ahead(now, (await account.turn({})).now) })),
    stop: () => account.stop(),
  };
}

function ahead(now: number, server: number): number {
  return Math.max(0, now - server);
}

const kinds = [httpKey, oauthClient, certificate, iamKey] as const;

/**
 * Starts the server of every further kind, each in its own process, and makes one identity on each.
 * @param started told of each, so that whatever was started is ended when a later one fails
 */
export async function startKinds(started: (actor: KindActor) => void): Promise<readonly KindActor[]> {
  const starting = kinds.map(async (start) => {
    const actor = await start();
    started(actor);
    return actor;
  });
  // All are waited for: one that comes up after another's failure has to be ended too.
  const settled = await Promise.allSettled(starting);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

import type { TargetIdentity } from '../../apps/local/target/identity';
import { oauthIdentity } from '../../apps/local/target/oauth/identity';
import { mtlsIdentity } from '../../apps/local/target/mtls/identity';
import { keyIdentity } from '../../apps/local/target/key-service/identity';
import { iamIdentity } from '../../apps/local/target/iam/identity';
import { startIam } from '../../apps/local/target/iam/start';
import { startKeyService } from '../../apps/local/target/key-service/start';
import { startOAuth } from '../../apps/local/target/oauth/start';
import type { MemoryVault } from '../../adapters/memory/vault';
import { connector as key } from '../../connectors/http-api-key';
import { connector as iam } from '../../connectors/iam-access-key';
import { connector as mtls } from '../../connectors/mtls-certificate';
import { connector as oauth } from '../../connectors/oauth-client';
import { connector as postgres } from '../../connectors/postgres-role';
import type { Connector } from '../../core/connector';
import type { Sink } from './canary-scan';
import { startMtlsEndpoint } from '../../apps/local/target/mtls/start';
import { inTest, storeFirst } from './first-secrets';
import { testPostgres } from './postgres';
import { seedIdentity, storeSecrets } from './postgres-identity';

/** An identity on one of the servers, with what its vault starts with. */
export interface CanaryIdentity {
  readonly id: string;
  readonly policy: Readonly<Record<string, unknown>>;
  store(vault: MemoryVault): void;
}

/** A server of one kind, in a process of its own. */
export interface CanaryTarget {
  readonly connector: Connector;
  /** Whether operations, and probes, ask it through `sendPinned`. */
  readonly asks: { readonly operations: 'http' | 'otherwise'; readonly probe: 'http' | 'otherwise' };
  identity(id: string): Promise<CanaryIdentity>;
  /** Puts its clock forward; servers without a clock of their own do nothing. */
  advance(ms: number): Promise<unknown>;
  /** What it wrote itself. */
  logs(): readonly Sink[];
  stop(): Promise<unknown>;
}

const pace = { periodMs: 1_000 };
const iamPace = { propagationSeconds: 15, windowSeconds: 2, refusals: 3, periodMs: 1_000 };
const overHttp = { operations: 'http', probe: 'http' } as const;
const silent = () => [];

/** Long enough to be found at any base64 offset, and different in every escaped form. */
const MARKER = 'canary"7/%+&=q8Zk?~-';

/** Starts a server of each kind, by kind. */
export const canaryTargets = {
  'http-api-key': async () => {
    const service = await startKeyService();
    return {
      connector: key,
      asks: overHttp,
      identity: async (id) => stored(keyIdentity(service, inTest(id), { ...pace, windowSeconds: 2 })),
      advance: async (advanceMs) => service.turn({ advanceMs }),
      logs: silent,
      stop: async () => service.stop(),
    };
  },
  'oauth-client': async () => {
    const servers = await startOAuth();
    return {
      connector: oauth,
      asks: overHttp,
      identity: async (id) =>
        stored(oauthIdentity(servers, inTest(id), 'introspected', { changes: { pace } })),
      advance: async (advanceMs) => {
        await servers.turn({ advanceMs });
        await servers.turnResource({ advanceMs });
      },
      logs: silent,
      stop: async () => servers.stop(),
    };
  },
  'mtls-certificate': async () => {
    const endpoint = await startMtlsEndpoint();
    return {
      connector: mtls,
      asks: { operations: 'http', probe: 'otherwise' },
      identity: async (id) => stored(mtlsIdentity(endpoint, inTest(id), pace)),
      advance: async () => undefined,
      logs: silent,
      stop: async () => endpoint.stop(),
    };
  },
  'iam-access-key': async () => {
    const account = await startIam();
    return {
      connector: iam,
      asks: overHttp,
      identity: async (id) =>
        stored(
          iamIdentity(account, inTest(id), {
            witness: 'kept',
            target: { sessions: { end: 'issueTime' }, pace: iamPace },
          }),
        ),
      advance: async (advanceMs) => account.turn({ advanceMs }),
      logs: silent,
      stop: async () => account.stop(),
    };
  },
  'postgres-role': async () => {
    const server = await testPostgres(['-c', 'log_statement=all', '-c', 'log_connections=all']);
    return {
      connector: postgres,
      asks: { operations: 'otherwise', probe: 'otherwise' },
      identity: async (id) => {
        const strategy = id.endsWith('0') ? 'in-place' : 'alternating';
        const seeded = await seedIdentity(server, { id, strategy, marker: MARKER });
        return { ...seeded, store: (vault) => storeSecrets(vault, seeded) };
      },
      advance: async () => undefined,
      logs: () => [{ name: 'the log of PostgreSQL', text: server.logText() }],
      stop: async () => server.stop(),
    };
  },
} satisfies Record<string, () => Promise<CanaryTarget>>;

/** An identity with the way its secrets come into a vault. */
async function stored(made: Promise<TargetIdentity>): Promise<CanaryIdentity> {
  const identity = await made;
  return { ...identity, store: (vault) => storeFirst(vault, identity.secrets) };
}

export type CanaryKind = keyof typeof canaryTargets;

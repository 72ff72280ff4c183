import { type OAuthServers, startOAuth } from '../../../apps/local/target/oauth/start';
import { oauthTarget } from '../../../apps/local/target/oauth/target';
import { Material } from '../../../core/material';
import type { Bench, DerivedBench, Fixture, Given } from '../../../kit/fixture';
import { connector } from '..';
import { mistakes } from './mistakes';
import { verdictsOn, withTarget } from './verdicts';

/** oauth-client against oidc-provider and a resource server, each in a process of its own. */
export const fixture: Fixture = { connector, mistakes, start };

const nobody = 'http://127.0.0.1:1';

async function start(): Promise<Bench> {
  const servers = await startOAuth();
  let serial = 0;
  return {
    async given() {
      serial += 1;
      await servers.turn({ trouble: 'none', propagationMs: 0 });
      return givenOn(servers, `kit-${serial}`);
    },
    verdicts: verdictsOn(servers),
    derived: derivedOn(servers),
    unreachable: ({ subject }) =>
      withTarget(subject, { token: `${nobody}/token`, registration: { url: `${nobody}/reg` } }),
    powerless: async ({ control }) => control,
    stop: async () => servers.stop(),
  };
}

const PAST_LAST_EXPIRY_MS = 620_000;

/** Access tokens, and time to let them run out; the prober's clock is the issuer's here. */
function derivedOn(servers: OAuthServers): DerivedBench {
  const refusedAt = new Map<string, number>();
  return {
    async make({ current: { material } }) {
      const [id = '', secret = ''] = ['client_id', 'client_secret'].map((name) => material.reveal(name));
      const token = await servers.accessToken({ client_id: id, client_secret: secret }, 'introspected');
      if ((await servers.use(token, 'introspected')) !== 200) throw new Error('the token is not accepted');
    },
    async derivation({ current: { remoteId } }) {
      const { now } = await servers.turn({});
      const first = refusedAt.get(remoteId) ?? now;
      refusedAt.set(remoteId, first);
      return { refusedAt: first, now };
    },
    async end() {
      await servers.turn({ advanceMs: PAST_LAST_EXPIRY_MS });
      await servers.turnResource({ advanceMs: PAST_LAST_EXPIRY_MS });
    },
  };
}

async function givenOn(servers: OAuthServers, identityId: string): Promise<Given> {
  const [current, foreign, control] = await Promise.all([
    servers.register(identityId),
    servers.register(`${identityId}-neighbour`),
    servers.register('gapless-control'),
  ]);
  const target = { ...oauthTarget(servers, 'introspected'), pace: { periodMs: 50 } };
  return {
    subject: { identityId, strategy: 'new-client', target },
    current: { versionId: 'v1', remoteId: current.client_id, material: new Material({ ...current }) },
    admin: new Material({ token: servers.tokens.admin, denyToken: servers.tokens.deny }),
    control: new Material({ ...control, token: servers.tokens.reader }),
    foreign: { versionId: 'v9', remoteId: foreign.client_id, material: new Material({ ...foreign }) },
    async accepts(material) {
      const [id, secret] = ['client_id', 'client_secret'].map((field) => material.reveal(field) ?? '');
      const client = { client_id: id ?? '', client_secret: secret ?? '' };
      const { status } = await servers.token(client, { grant_type: 'client_credentials', scope: 'read' });
      return status === 200 ? 'yes' : 'no';
    },
    removeByHand: async ({ remoteId }) => servers.delete(remoteId),
  };
}

import { startOAuth, type OAuthServers } from '../../apps/local/target/oauth/start';
import { oauthTarget } from '../../apps/local/target/oauth/target';
import { connector } from '../../connectors/oauth-client';
import { descriptor } from '../../connectors/oauth-client/descriptor';
import type { Subject } from '../../core/call';
import { Material } from '../../core/material';
import { callAs } from '../support/postgres';

const { operations, probe } = connector;
const secrets = { path: '/credentials/secrets', label: 'label' };

let servers: OAuthServers;
beforeAll(async () => {
  servers = await startOAuth();
}, 60_000);
afterAll(async () => servers.stop());

function subjectWith(changes: object = {}): Subject {
  const target = { ...oauthTarget(servers, 'local'), secrets, ...changes };
  return { identityId: 'orders-runner', strategy: 'second-secret', target };
}

const admin = () => callAs(new Material({ token: servers.tokens.admin }));

/** A client whose secret in force is a further one, which has an id and can be taken away. */
async function held(owner = 'orders-runner') {
  const { client_id } = await servers.register(owner);
  const { id, client_secret } = await servers.addSecret(client_id);
  const material = new Material({ client_id, client_secret, secret_id: id });
  return { versionId: 'v1', remoteId: `${client_id}/${id}`, material };
}

const verdictOn = async (material: Material) =>
  (await probe.observe(subjectWith(), await held(), material, { id: 'direct' }, admin())).verdict.state;

it('a second secret works beside the first; taken away, the first is refused and the second lives', async () => {
  const first = await held();
  const { remoteId, material } = await operations.issue(subjectWith(), first.material, admin());
  expect(material.reveal('client_id')).toBe(first.material.reveal('client_id'));
  expect(operations.remoteIdOf(subjectWith(), material)).toBe(remoteId);
  expect([await verdictOn(first.material), await verdictOn(material)]).toEqual(['accepted', 'accepted']);
  for (const effect of ['applied', 'alreadySo', 'alreadySo'])
    expect(await operations.suspend(subjectWith(), first, admin())).toEqual({ effect });
  expect([await verdictOn(first.material), await verdictOn(material)]).toEqual(['refused', 'accepted']);
});

it('is listed under the run that asked for it, beside the client’s other secrets and nobody else’s', async () => {
  const [first, foreign] = [await held(), await held('neighbour')];
  const { remoteId } = await operations.issue(subjectWith(), first.material, admin());
  const live = await operations.list(subjectWith(), admin());
  expect(live.find((each) => each.remoteId === remoteId)).toMatchObject({
    attributable: true,
    runId: 'run-1',
  });
  expect(live.find((each) => each.remoteId === first.remoteId)).toMatchObject({ attributable: true });
  expect(live.filter((each) => each.remoteId.startsWith(foreign.remoteId.split('/')[0] ?? ''))).toMatchObject(
    [{ attributable: false }],
  );
});

it('of another identity’s client is left alone', async () => {
  const foreign = await held('neighbour');
  const asked = operations.suspend(subjectWith(), foreign, admin());
  await expect(asked).rejects.toMatchObject({ name: 'InvalidInput', effect: 'none' });
  expect(await verdictOn(foreign.material)).toBe('accepted');
});

it('of a client that is gone is gone too', async () => {
  const first = await held();
  await servers.delete(first.material.reveal('client_id') ?? '');
  expect(await operations.suspend(subjectWith(), first, admin())).toEqual({ effect: 'alreadySo' });
  const preflight = operations.preflight(subjectWith(), first, admin());
  await expect(preflight).rejects.toMatchObject({ name: 'PrincipalMissing', effect: 'none' });
});

it('leaves tokens of the first valid until they expire, and says so: the client they name lives on', async () => {
  const first = await held();
  const client = { client_id: first.material.reveal('client_id') ?? '' };
  const secret = { client_secret: first.material.reveal('client_secret') ?? '' };
  const cached = await servers.accessToken({ ...client, ...secret }, 'local');
  await operations.suspend(subjectWith(), first, admin());
  const { now } = await servers.turn({});
  const control = await servers.register('gapless-control');
  const left = await operations.boundSessions(
    subjectWith(),
    first,
    first.material,
    { refusedAt: now, now },
    callAs(new Material({ ...control })),
  );
  expect(left).toEqual({ state: 'open', until: now + 610_000 });
  expect(await servers.use(cached, 'local')).toBe(200);
});

it('is no plan where something is said to deny tokens: it would deny those of the new secret too', () => {
  const complaints = descriptor.target
    .safeParse({ ...oauthTarget(servers, 'introspected'), secrets })
    .error?.issues.map(({ message }) => message);
  expect(complaints).toEqual([expect.stringMatching(/the client stays/)]);
  const strategy = descriptor.strategies['second-secret'].target;
  expect(strategy.safeParse(oauthTarget(servers, 'local')).success).toBe(false);
  expect(strategy.safeParse(subjectWith().target).success).toBe(true);
});

import { startOAuth, type Judging, type OAuthServers } from '../../apps/local/target/oauth/start';
import { oauthTarget } from '../../apps/local/target/oauth/target';
import { connector } from '../../connectors/oauth-client';
import type { Subject } from '../../core/call';
import { Material } from '../../core/material';
import { callAs } from '../support/postgres';

const { operations } = connector;
const LIFE_MS = 600_000;
const SKEW_MS = 10_000;
const MINUTE_MS = 60_000;

let servers: OAuthServers;
// A clock that is moved belongs to one test.
beforeEach(async () => {
  servers = await startOAuth();
}, 60_000);
afterEach(async () => servers.stop());

function subjectFor(judging: Judging, changes: object = {}): Subject {
  const target = { ...oauthTarget(servers, judging), pace: { periodMs: 20 }, ...changes };
  return { identityId: 'orders-runner', strategy: 'new-client', target };
}

function denyListed(judging: Judging): Subject {
  const tokens = { seconds: 600, skewSeconds: 10, end: 'denyList' };
  return subjectFor(judging, { tokens, denyList: `${servers.resource}/denied` });
}

const admin = () => callAs(new Material({ token: servers.tokens.admin, denyToken: servers.tokens.deny }));

/** A client as a rotation makes it, with a token of its own that somebody has cached. */
async function issuedFor(subject: Subject, judging: Judging) {
  const first = await servers.register('orders-runner');
  const { remoteId, material } = await operations.issue(subject, new Material({ ...first }), admin());
  const client = { client_id: remoteId, client_secret: material.reveal('client_secret') ?? '' };
  return {
    version: { versionId: 'v2', remoteId },
    material,
    cached: await servers.accessToken(client, judging),
  };
}

type Issued = Awaited<ReturnType<typeof issuedFor>>;

/** Asks what is left, `laterMs` after the refusal; the servers' clocks run along. */
async function bound(subject: Subject, { version, material }: Issued, laterMs = 0) {
  const { now: refusedAt } = await servers.turn({});
  await servers.turn({ advanceMs: laterMs });
  await servers.turnResource({ advanceMs: laterMs });
  const control = await servers.register('gapless-control');
  const call = callAs(new Material({ ...control }));
  const derivation = { refusedAt, now: refusedAt + laterMs };
  return { refusedAt, left: await operations.boundSessions(subject, version, material, derivation, call) };
}

const after = (at: number) => at + LIFE_MS + SKEW_MS;

describe('tokens that the issuer is asked about', () => {
  it('are denied once the client is gone: the witness is refused at the resource, and so is a cached one', async () => {
    const subject = subjectFor('introspected');
    const held = await issuedFor(subject, 'introspected');
    expect(await servers.use(held.cached, 'introspected')).toBe(200);
    await operations.suspend(subject, held.version, admin());
    expect((await bound(subject, held)).left).toEqual({
      state: 'denied',
      signal: 'invalid_token at introspected',
    });
    expect(await servers.use(held.cached, 'introspected')).toBe(401);
  });

  it('live on at an issuer that forgets only the client: seen alive and open, and expired in the end', async () => {
    await servers.turn({ tokensOfTheGone: 'live' });
    const subject = subjectFor('introspected');
    const held = await issuedFor(subject, 'introspected');
    await operations.suspend(subject, held.version, admin());
    expect(await servers.use(held.cached, 'introspected')).toBe(200);
    const { left, refusedAt } = await bound(subject, held);
    expect(left).toEqual({ state: 'open', until: expect.any(Number), alive: 1 });
    expect('until' in left && (left.until ?? 0)).toBeGreaterThanOrEqual(after(refusedAt));
    expect((await bound(subject, held, LIFE_MS + 2 * SKEW_MS)).left).toMatchObject({ state: 'expired' });
    expect(await servers.use(held.cached, 'introspected')).toBe(401);
  });

  it('are not called denied while a resource server may still keep an earlier answer', async () => {
    const tokens = { seconds: 600, skewSeconds: 10, cacheSeconds: 120, end: 'introspection' };
    const subject = subjectFor('introspected', { tokens });
    const held = await issuedFor(subject, 'introspected');
    await operations.suspend(subject, held.version, admin());
    expect((await bound(subject, held, MINUTE_MS)).left).toMatchObject({ state: 'open' });
    expect((await bound(subject, held, 2 * MINUTE_MS)).left).toMatchObject({ state: 'denied' });
  });

  it('are not called denied by a witness that has expired: that refusal is of its age', async () => {
    const subject = subjectFor('introspected');
    const held = await issuedFor(subject, 'introspected');
    await servers.turn({ advanceMs: LIFE_MS });
    await servers.turnResource({ advanceMs: LIFE_MS });
    await operations.suspend(subject, held.version, admin());
    const { left, refusedAt } = await bound(subject, held, MINUTE_MS);
    expect(left).toMatchObject({ state: 'open' });
    expect('until' in left && (left.until ?? 0)).toBeGreaterThanOrEqual(after(refusedAt));
  });
});

describe('tokens that a resource server validates by itself', () => {
  it('stay valid: open until their last possible expiry, not a moment less, and expired after it', async () => {
    const subject = subjectFor('local');
    const held = await issuedFor(subject, 'local');
    await operations.suspend(subject, held.version, admin());
    const { left, refusedAt } = await bound(subject, held, MINUTE_MS);
    expect(left).toEqual({ state: 'open', until: after(refusedAt) });
    expect(await servers.use(held.cached, 'local')).toBe(200);
    expect((await bound(subject, held, LIFE_MS + SKEW_MS - 1)).left).toMatchObject({ state: 'open' });
    expect((await bound(subject, held, LIFE_MS + 2 * SKEW_MS)).left).toMatchObject({ state: 'expired' });
    expect(await servers.use(held.cached, 'local')).toBe(401);
  });

  it('are denied by a deny list, at once', async () => {
    const subject = denyListed('local');
    const held = await issuedFor(subject, 'local');
    expect(await servers.use(held.cached, 'local')).toBe(200);
    expect(await operations.suspend(subject, held.version, admin())).toEqual({ effect: 'applied' });
    expect((await bound(subject, held)).left).toEqual({ state: 'denied', signal: 'invalid_token at local' });
    expect(await servers.use(held.cached, 'local')).toBe(401);
  });

  it('are put on the deny list by a second attempt too, when the first one died between the two', async () => {
    const subject = denyListed('local');
    const held = await issuedFor(subject, 'local');
    await servers.delete(held.version.remoteId);
    expect(await servers.use(held.cached, 'local')).toBe(200);
    expect(await operations.suspend(subject, held.version, admin())).toEqual({ effect: 'alreadySo' });
    expect(await servers.use(held.cached, 'local')).toBe(401);
  });

  it('are waited for longer where the resource server’s clock is behind the issuer’s, which stamps them', async () => {
    const subject = subjectFor('local');
    const behind = 5 * MINUTE_MS;
    await servers.turn({ advanceMs: behind });
    const held = await issuedFor(subject, 'local');
    await operations.suspend(subject, held.version, admin());
    // The prober's clock is the issuer's here; the resource server's is five minutes behind both.
    const { left } = await bound(subject, held, LIFE_MS + 2 * SKEW_MS);
    expect(await servers.use(held.cached, 'local')).toBe(200);
    expect(left).toMatchObject({ state: 'open' });
    expect((await bound(subject, held, behind + LIFE_MS + 2 * SKEW_MS)).left).toMatchObject({
      state: 'expired',
    });
  });
});

describe('nothing is proven', () => {
  it('without a control that works: a resource server that refuses everybody denies nothing', async () => {
    const url = `${servers.resource}/elsewhere`;
    const subject = subjectFor('introspected', { resources: [{ id: 'away', url }] });
    const held = await issuedFor(subject, 'introspected');
    await operations.suspend(subject, held.version, admin());
    expect((await bound(subject, held)).left).toMatchObject({ state: 'open' });
    expect((await bound(subject, held, 2 * LIFE_MS)).left).toEqual({ state: 'open', until: undefined });
  });

  it('by a control whose secret lacks its client: named', async () => {
    const subject = subjectFor('introspected');
    const { version, material } = await issuedFor(subject, 'introspected');
    const asked = operations.boundSessions(
      subject,
      version,
      material,
      { refusedAt: 0, now: 0 },
      callAs(new Material({ token: 'x' })),
    );
    await expect(asked).rejects.toMatchObject({ name: 'ControlMissing', effect: 'none' });
  });
});

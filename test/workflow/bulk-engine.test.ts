import * as z from 'zod/mini';
import { confirmedFor } from '../../core/approval/confirmed';
import { sessionOf, startLogged } from '../support/cloud-trail';
import { eventually } from '../support/eventually';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';

const opening = z.object({ requestedAt: z.string() });

let server: TestPostgres;
let cloud: GaplessCloud;
let identities: readonly SeededIdentity[];

beforeAll(async () => {
  server = await testPostgres();
  identities = await Promise.all(
    (['alternating', 'in-place'] as const).map((strategy) =>
      seedIdentity(server, { id: `all-${strategy}`, strategy }),
    ),
  );
  cloud = await gaplessCloud(identities);
}, 240_000);

afterAll(async () => {
  await cloud.remove();
  await server.stop();
});

describe('the deployed app', () => {
  it('revokes everybody of an owner, under its own rights, and tells the topic in the form a chat shows', async () => {
    const input = { select: { owner: 'team-test' }, reason: 'the laptop of the team was lost' };
    await cloud.start('BulkRevocation', 'the-bulk', input);
    const answer = await cloud.ended('BulkRevocation', 'the-bulk');
    expect(answer).toMatchObject({ status: 'SUCCEEDED' });
    expect(JSON.parse(String(answer['output']))).toMatchObject({ asked: 2, done: 2, level: 'L4' });
    for (const { secret, secrets } of identities) {
      const material = secrets[secret]?.material;
      expect(material && (await login(server, material))).toBe('28P01');
    }
    const told = cloud.engine.events.seen.filter(({ source }) => source === 'gapless');
    expect(told.map((event) => event['detail-type'])).toEqual(
      expect.arrayContaining([
        'gapless.bulk.opened.v1',
        'gapless.revocation.refused.v1',
        'gapless.bulk.closed.v1',
      ]),
    );
    expect(cloud.engine.sns.published.map(({ Message }): unknown => JSON.parse(Message))).toMatchObject([
      {
        version: '1.0',
        source: 'custom',
        content: { title: 'Bulk revocation of 2 identities begun' },
      },
    ]);
  }, 300_000);

  it('takes from the account’s API log who started it, by its own rule and rights', async () => {
    const stored = await cloud.evidence.get('RUN', 'the-bulk', 0);
    const { requestedAt } = opening.parse(JSON.parse(stored?.body ?? '{}'));
    const by = sessionOf('AROACONSOLE', 'responder');
    const input = { select: { owner: 'team-test' }, reason: 'the laptop of the team was lost' };
    const executionArn = cloud.execution('BulkRevocation', 'the-bulk');
    const logged = startLogged({ executionArn, at: Date.parse(requestedAt), by, input });
    cloud.engine.events.emit(logged);
    const found = await eventually(
      async () => confirmedFor(cloud.evidence, 'the-bulk'),
      (confirmed) => confirmed.length > 0,
    );
    expect(found).toMatchObject([{ requester: { id: by.principalId, assurance: 'verified' }, executionArn }]);
  }, 60_000);
});

import { violations } from '../support/oracle';
import { deployedApp, until } from './deployed-app';

const app = deployedApp();
beforeAll(async () => app.enrolled());
afterAll(() => app.close());

describe('the deployed schedule', () => {
  it('finds the identity that is due and rotates it to L4 on a real PostgreSQL', async () => {
    const { scheduled } = app.cast;
    const [run] = await until(
      async () => app.registry.runs({ identityId: scheduled.id, limit: 10 }),
      (runs) => runs.length > 0 && runs.every(({ outcome }) => outcome !== 'open'),
    );
    expect(run).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(await app.ended('Rotation', run?.runId ?? '')).toEqual({ status: 'SUCCEEDED' });
    expect(await violations(app, app.server, scheduled)).toEqual([]);
  });
});

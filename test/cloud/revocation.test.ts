import { chainViolations, login } from '../support/oracle';
import { deployedApp } from './deployed-app';

const app = deployedApp();
beforeAll(async () => app.enrolled());
afterAll(() => app.close());

describe('an emergency revocation on the deployed machine', () => {
  it('ends verified at L4, and the credential is refused by the real PostgreSQL', async () => {
    const { leaked } = app.cast;
    const { material: before } = await app.vault.readCurrent(leaked.secret);
    expect(await login(app.server, before)).toBe('accepted');
    await app.start('Revocation', 'the-revocation', { identityId: leaked.id, reason: 'a key was found' });
    expect(await app.ended('Revocation', 'the-revocation')).toEqual({ status: 'SUCCEEDED' });
    expect(await app.registry.summary('the-revocation')).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(await login(app.server, before)).toBe('28P01');
    expect(await chainViolations(app, 'the-revocation', 'verified', 'revoked')).toEqual([]);
  });

  it('is not undone: a rotation that is started afterwards ends red, by the name of its error', async () => {
    await app.start('Rotation', 'after-revocation', { identityId: app.cast.leaked.id, reason: 'a test' });
    expect(await app.ended('Rotation', 'after-revocation')).toMatchObject({
      status: 'FAILED',
      error: 'IdentityRevoked',
      cause: expect.stringContaining('--reissue'),
    });
  });
});

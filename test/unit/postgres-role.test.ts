import { createHash, createHmac } from 'node:crypto';
import { descriptor } from '../../connectors/postgres-role/descriptor';
import { scramVerifier } from '../../connectors/postgres-role/scram';
import { complaintsOf } from '../../core/policy/complaints';

describe('the verifier', () => {
  it('is the one of the example in RFC 7677: both signatures of its exchange follow from it', () => {
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
    const [, storedKey = '', serverKey = ''] =
      /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.+):(.+)$/.exec(verifier) ?? [];
    const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    const exchange = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
    const signed = (key: string) =>
      createHmac('sha256', Buffer.from(key, 'base64')).update(exchange).digest();
    expect(signed(serverKey).toString('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
    const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
    const signature = signed(storedKey);
    const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0));
    expect(createHash('sha256').update(clientKey).digest('base64')).toBe(storedKey);
  });
});

describe('target of a policy', () => {
  const good = { host: 'db.example.com', database: 'shop', roles: ['shop_a', 'shop_b'], owner: 'shop_owner' };

  it('fills in the port, TLS with full verification and SET ROLE', () => {
    expect(descriptor.target.parse({ ...good, admin: 'gapless/shop/admin', network: 'default' })).toEqual({
      ...good,
      admin: 'gapless/shop/admin',
      network: 'default',
      port: 5432,
      tls: { mode: 'verify-full' },
      setRole: 'default',
    });
  });

  it.each([
    [{ host: 'postgres://db' }, 'host', /got "postgres:\/\/db", want a host name/],
    [{ port: 70_000 }, 'port', /got 70000, .*65535/],
    [{ port: '5432' }, 'port', /got "5432", want a port from 1 to 65535/],
    [{ host: undefined }, 'host', /got nothing, want a host name/],
    [{ roles: 'shop_a' }, 'roles', /got "shop_a", want exactly one role/],
    [{ database: '' }, 'database', /got "", want a PostgreSQL name of 1 to 63 bytes/],
    [{ roles: [] }, 'roles', /got \[\], want exactly one role for in-place, exactly two for alternating/],
    [{ roles: ['shop_a', 'shop_a'] }, 'roles', /want two different roles/],
    [{ roles: ['pg_monitor'] }, 'roles.0', /got "pg_monitor", want a role of your own/],
    [{ roles: ['x'.repeat(64)] }, 'roles.0', /want a PostgreSQL name of 1 to 63 bytes/],
    [{ owner: undefined }, 'owner', /got nothing, want the role that owns the objects/],
    [{ owner: 'shop_a' }, 'owner', /got "shop_a", want a role that is not one of target.roles/],
    [{ tls: { mode: 'prefer' } }, 'tls.mode', /got "prefer", want disable, require or verify-full/],
    [{ tls: { mode: 'verify-full', ca: 'none' } }, 'tls.ca', /want certificates in PEM form/],
    [{ setRole: true }, 'setRole', /got true, want default or none/],
    [{ tsl: { mode: 'disable' } }, 'tsl', /is not a known field/],
  ])('refuses %j and says which field, what was given and what is allowed', (changes, field, message) => {
    const document = { ...good, ...changes };
    const result = descriptor.target.safeParse(document);
    if (result.success) throw new Error('it was taken');
    expect(complaintsOf(result.error, document)).toEqual([
      { field, message: expect.stringMatching(message) },
    ]);
  });
});

/** A sound policy for tests that never come as far as its target: nothing listens there. */
export function unreachedPolicy(id: string) {
  return {
    id,
    kind: 'postgres-role',
    owner: 'team-test',
    secret: `gapless/${id}`,
    target: {
      admin: `gapless/${id}/admin`,
      control: `gapless/${id}/control`,
      host: '127.0.0.1',
      port: 1,
      database: 'orders',
      tls: { mode: 'disable' },
      roles: ['orders_app'],
    },
    rotation: { strategy: 'in-place', every: '30d' },
    revocation: { within: '5m', owner: 'team-test' },
  };
}

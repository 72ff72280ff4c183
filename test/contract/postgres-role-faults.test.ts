import { connector } from '../../connectors/postgres-role';
import { callAs } from '../support/postgres';
import { type Given, type RoleBench, roleBench } from '../support/postgres-role';
import { startPostgresProxy, type StatementEvent } from '../support/postgres-proxy';

const { operations } = connector;
let bench: RoleBench;

beforeAll(async () => {
  bench = await roleBench();
});
afterAll(() => bench.server.stop());

const accepted = { state: 'accepted' };

describe('what is not to be touched', () => {
  it('leaves a role alone that the policy does not name', async () => {
    const { subject, target } = await bench.given('alternating');
    await bench.server.sql(`CREATE ROLE ${target.database}_foreign LOGIN PASSWORD 'theirs'`);
    const foreign = { versionId: 'v9', remoteId: `${target.database}_foreign` };
    const call = callAs(target.admin);
    for (const work of [
      operations.suspend(subject, foreign, call),
      operations.revoke(subject, foreign, 'removePrincipal', call),
      operations.endSessions(subject, foreign, {}, call),
      operations.apply(subject, foreign, target.current, call),
      operations.mint(subject, target.current.with({ username: foreign.remoteId }), call),
    ]) {
      expect((await bench.failureOf(work)).effect).toBe('none');
    }
    const [role] = await bench.server.sql('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1', [
      foreign.remoteId,
    ]);
    expect(role).toEqual({ rolcanlogin: true });
  });

  it('refuses a lower fence than the one on the role, for every change, and keeps the comment a person wrote', async () => {
    const that = await bench.given('alternating');
    const { subject, target, current } = that;
    const { version, material } = await bench.mint(that);
    await bench.server.sql(`COMMENT ON ROLE ${version.remoteId} IS 'owned by it''s team'`);
    for (const fence of [9, 10, 10])
      await operations.apply(subject, version, material, callAs(target.admin, { fence }));
    const late = callAs(target.admin, { fence: 9 });
    for (const work of [
      operations.apply(subject, version, target.current.with({ username: version.remoteId }), late),
      operations.suspend(subject, version, late),
      operations.revoke(subject, version, 'keepPrincipal', late),
      operations.revoke(subject, version, 'removePrincipal', late),
    ]) {
      const failure = await bench.failureOf(work);
      expect([failure.name, failure.effect]).toEqual(['FenceLost', 'none']);
    }
    expect(await bench.verdict(that, material)).toEqual(accepted);
    expect((await operations.suspend(subject, current, late)).effect).toBe('applied');
    const [row] = await bench.server.sql(
      `SELECT shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = $1`,
      [version.remoteId],
    );
    expect(row).toEqual({ comment: "owned by it's team [gapless fence 10]" });
  });

  it('works on names that need quoting', async () => {
    const that = await bench.given('in-place');
    const name = 'O"Brien; DROP ROLE x --';
    await bench.server.sql(`ALTER ROLE ${that.current.remoteId} RENAME TO "O""Brien; DROP ROLE x --"`);
    const subject = bench.subjectOf({ ...that.target, roles: [name] }, 'in-place');
    const minted = await bench.mint({ ...that, subject }, that.target.current.with({ username: name }));
    const version = { versionId: 'v2', remoteId: name };
    await operations.apply(subject, version, minted.material, callAs(that.target.admin));
    expect(await bench.verdict({ ...that, subject }, minted.material)).toEqual(accepted);
    expect((await operations.suspend(subject, version, callAs(that.target.admin))).effect).toBe('applied');
    await bench.server.sql(`DROP DATABASE ${that.target.database}`);
    expect(
      (
        await operations.revoke(
          bench.subjectOf({ ...that.target, database: 'postgres', roles: [name] }, 'in-place'),
          version,
          'removePrincipal',
          callAs(that.target.admin),
        )
      ).effect,
    ).toBe('applied');
  });
});

/** Applies a new version through a proxy that cuts the connection at one statement. */
async function through(that: Given, cut: (event: StatementEvent) => boolean) {
  const proxy = await startPostgresProxy({
    target: bench.server,
    onStatement: (event) => Promise.resolve(cut(event) ? 'cut' : 'pass'),
  });
  const subject = bench.subjectOf(that.target, 'in-place', { port: proxy.port });
  const { version, material } = await bench.mint(that);
  const failure = await bench.failureOf(
    operations.apply(subject, version, material, callAs(that.target.admin)),
  );
  await proxy.stop();
  return { outcome: [failure.name, failure.effect], verdict: await bench.verdict(that, material) };
}

describe('when the target does not play along', () => {
  const cuts: [when: string, phase: string, sql: RegExp, effect: string, state: string][] = [
    ['before the change', 'before', /ALTER ROLE/, 'none', 'refused'],
    ['after the change, before COMMIT', 'before', /^COMMIT/, 'unknown', 'refused'],
    ['after COMMIT, before its answer', 'after', /^COMMIT/, 'unknown', 'accepted'],
    ['after COMMIT, before the clock', 'before', /clock_timestamp\(\) AT/, 'unknown', 'accepted'],
  ];
  it.each(cuts)(
    'says what it knows when the connection is lost %s',
    async (_when, phase, sql, effect, state) => {
      const that = await bench.given('in-place');
      const seen = await through(that, (event) => event.phase === phase && sql.test(event.sql));
      expect(seen.outcome).toEqual(['TargetUnreachable', effect]);
      expect(seen.verdict.state).toBe(state);
    },
  );

  it('reports a password that a policy of the server rejects, with nothing changed', async () => {
    const that = await bench.given('in-place');
    const { subject, target, current } = that;
    await bench.server.sql(`ALTER ROLE ${target.database}_gapless_admin SET local_preload_libraries = ''`);
    await bench.server.sql(
      `ALTER ROLE ${target.database}_gapless_admin SET session_preload_libraries = 'passwordcheck'`,
    );
    const material = target.current.with({ password: current.remoteId });
    const failure = await bench.failureOf(operations.apply(subject, current, material, callAs(target.admin)));
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
    expect(await bench.verdict(that, target.current)).toEqual(accepted);
  });

  it('does not apply to an account that has run out', async () => {
    const { subject, target, current } = await bench.given('in-place');
    await bench.server.sql(`ALTER ROLE ${current.remoteId} VALID UNTIL '2001-01-01'`);
    const failure = await bench.failureOf(
      operations.apply(subject, current, target.current, callAs(target.admin)),
    );
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
  });

  it('gives up on a lock that is not free, in time and with nothing changed', async () => {
    const that = await bench.given('in-place');
    const blocker = await bench.server.open({ ...bench.server.superuser, database: that.target.database });
    await blocker.query('BEGIN');
    await blocker.query(`ALTER ROLE ${that.current.remoteId} CONNECTION LIMIT 5`);
    const call = callAs(that.target.admin, { timeoutMs: 400 });
    const failure = await bench.failureOf(operations.suspend(that.subject, that.current, call));
    expect([failure.name, failure.effect]).toEqual(['TargetUnreachable', 'none']);
    await blocker.query('ROLLBACK');
    expect(await bench.verdict(that, that.target.current)).toEqual(accepted);
  });
});

describe('secrets', () => {
  it('left no password in the server log, which holds every statement, nor in any error', () => {
    expect(bench.server.logText()).toContain('SCRAM-SHA-256$4096:');
    expect(bench.secrets().length).toBeGreaterThan(20);
    expect(bench.leaks()).toBe(0);
  });
});

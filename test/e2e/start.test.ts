import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storedOf } from '../../core/export/jsonl';
import { gapless, launch, removeProject } from '../support/cli';
import { oscalErrors } from '../support/oscal-schema';
import {
  endedEmergency,
  expectAttackerOut,
  revocationOf,
  rotationsOf,
  stagesOf,
  startOnce,
  type Started,
} from '../support/start-scene';

let whole: Started;
beforeAll(async () => {
  whole = await startOnce();
}, 300_000);
afterAll(async () => whole && removeProject(whole.folder));

describe('npm start -- --once --json', () => {
  it('ends 0 with both identities verified at L4, found due by the schedule', () => {
    expect(
      rotationsOf(whole.shown).map(({ identity, strategy, outcome, proofLevel }) => ({
        identity,
        strategy,
        outcome,
        proofLevel,
      })),
    ).toEqual([
      { identity: 'orders-db', strategy: 'alternating', outcome: 'verified', proofLevel: 'L4' },
      { identity: 'billing-db', strategy: 'in-place', outcome: 'verified', proofLevel: 'L4' },
    ]);
    expect(whole.ended.code).toBe(0);
    expect(whole.ended.stderr).toContain('found due by the schedule');
  });

  it('passes the stages of a rotation in order and says what each proving stage was answered', () => {
    for (const each of rotationsOf(whole.shown)) {
      const proofs = each.stages.filter(({ verdict }) => verdict !== undefined);
      expect(proofs.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
        'ProveNew accepted',
        'ConfirmNew accepted',
        'ProveOld refused',
      ]);
      expect(stagesOf(each).at(0)).toBe('Open');
      expect(stagesOf(each).at(-1)).toBe('Close');
    }
  });

  it('costs at most 12 transitions, 17 evidence writes and 2 secret writes a rotation', () => {
    for (const { transitions, evidenceWrites, secretWrites } of rotationsOf(whole.shown)) {
      expect(transitions).toBeLessThanOrEqual(12);
      expect(evidenceWrites).toBeLessThanOrEqual(17);
      expect(secretWrites).toBe(2);
    }
  });

  it('loses no call with two roles that take turns, and measures the gap with one', () => {
    const [orders, billing] = rotationsOf(whole.shown);
    expect(orders).toMatchObject({ consumerFailures: 0, gapSeconds: 0 });
    expect(billing?.gapSeconds).toBeGreaterThan(0);
  });

  it('verifies both chains of every run', () => {
    const { chain } = whole.shown;
    // Two rotations, of which one leaves nothing to remove, and a revocation that makes two changes.
    expect(chain).toEqual({ verified: true, records: 15 + 14 + 7 });
  });

  it('seals every record, and another process verifies its bundle offline', () => {
    const { ledger, chain } = whole.shown;
    const bundle = join('.gapless', 'demo', 'bundle');
    expect(ledger).toMatchObject({ sealed: ledger.size, unsealed: 0, verified: true, bundle });
    expect(ledger.size).toBeGreaterThanOrEqual(chain.records);
    const manifest = readFileSync(join(whole.folder, bundle, 'manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ type: 'gapless-bundle', size: ledger.size });
  });

  it('says nothing on a terminal that is not about the demo', () => {
    expect(whole.ended.stderr).not.toMatch(/warning|deprecat/i);
  });
});

describe('the emergency of npm start', () => {
  it('ends verified within its deadline, every session of the attacker dead', () => {
    expect(revocationOf(whole.shown)).toMatchObject(endedEmergency);
    expectAttackerOut(whole.shown);
  });

  it('counts all 20 sessions that the attacker held', () => {
    expect(revocationOf(whole.shown)?.sessions?.before).toBeGreaterThanOrEqual(20);
  });

  it('passes seven states, and its one proof says refused', () => {
    const run = revocationOf(whole.shown);
    expect(run && stagesOf(run)).toEqual([
      'Open',
      'NeedsApproval',
      'Contain',
      'ProveRefused',
      'Remove',
      'NeedsReissue',
      'Close',
    ]);
    expect(run?.stages.filter(({ verdict }) => verdict !== undefined)).toMatchObject([
      { verdict: 'refused' },
    ]);
  });
});

describe('the data that npm start leaves', () => {
  it('is read by gapless up after a restart, and commands refuse what they do not know', async () => {
    const folder = whole.folder;
    const [first] = whole.shown.runs;
    const engine = launch(
      'gapless.js',
      ['up', '--data', '.gapless/demo', '--policies', '.gapless/demo/policies'],
      folder,
    );
    await engine.says('Engine answers');
    const verified = await gapless(['evidence', 'verify', first?.runId ?? '', '--json'], folder);
    const listed = await gapless(['runs', '--identity', 'orders-db', '--json'], folder);
    const out = join(folder, 'results.json');
    const exported = await gapless(
      ['evidence', 'export', '--format', 'oscal', '--run', first?.runId ?? '', '--out', out, '--json'],
      folder,
    );
    const lines = await gapless(
      ['evidence', 'export', '--format', 'jsonl', '--run', first?.runId ?? ''],
      folder,
    );
    const unknown = await gapless(['rotate', 'no-such-db', '--reason', 'to see it refused'], folder);
    const healthy = await gapless(['doctor', '--policies', '.gapless/demo/policies', '--json'], folder);
    const revoked = await gapless(['runs', '--identity', 'reports-db', '--json'], folder);
    const owed = await gapless(['obligations', '--json'], folder);
    engine.interrupt();

    expect(JSON.parse(revoked.stdout)).toMatchObject({
      runs: [{ kind: 'revocation', outcome: 'verified' }],
      revoked: { runId: revocationOf(whole.shown)?.runId },
    });
    expect(owed.code).toBe(0);
    expect(JSON.parse(owed.stdout)).toMatchObject({ schemaVersion: 1, obligations: [], overdue: 0 });
    expect(JSON.parse(verified.stdout)).toMatchObject({
      schemaVersion: 1,
      verified: true,
      outcome: 'verified',
      level: 'L4',
    });
    expect(JSON.parse(listed.stdout)).toMatchObject({ schemaVersion: 1, runs: [{ runId: first?.runId }] });
    expect(JSON.parse(exported.stdout)).toMatchObject({ schemaVersion: 1, runs: 1, records: 15, broken: [] });
    expect(oscalErrors('assessment-results')(JSON.parse(readFileSync(out, 'utf8')))).toEqual([]);
    expect(lines.code).toBe(0);
    expect(lines.stdout.trimEnd().split('\n').map(storedOf)).toHaveLength(15);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(
      /got "no-such-db".*enrolled are billing-db, orders-db, reports-db.*Nothing was changed.*gapless plan/,
    );
    expect(JSON.parse(healthy.stdout)).toMatchObject({ schemaVersion: 1, failed: 0 });
    expect((await engine.ended).code).toBe(0);
  }, 120_000);
});

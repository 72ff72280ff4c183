import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { storedOf } from '../../core/export/jsonl';
import { gapless, launch, projectFolder, removeProject, type Ended } from '../support/cli';
import { oscalErrors } from '../support/oscal-schema';

const run = z.object({
  runId: z.string(),
  kind: z.string(),
  identity: z.string(),
  strategy: z.string(),
  outcome: z.string(),
  proofLevel: z.string(),
  stages: z.array(z.object({ name: z.string(), verdict: z.optional(z.string()), ms: z.number() })),
  exposureSeconds: z.nullable(z.number()),
  gapSeconds: z.nullable(z.number()),
  consumerFailures: z.nullable(z.number()),
  transitions: z.number(),
  evidenceWrites: z.number(),
  secretWrites: z.number(),
  causeCode: z.nullable(z.string()),
  deadline: z.optional(
    z.object({
      withinSeconds: z.number(),
      tookSeconds: z.nullable(z.number()),
      kept: z.nullable(z.boolean()),
    }),
  ),
  sessions: z.optional(z.object({ before: z.nullable(z.number()), after: z.nullable(z.number()) })),
  lastAcceptedAt: z.optional(z.nullable(z.string())),
  firstRefusedAt: z.optional(z.nullable(z.string())),
});
const shown = z.object({
  schemaVersion: z.literal(1),
  engine: z.object({ kind: z.string() }),
  runs: z.array(run),
  chain: z.object({ verified: z.boolean(), records: z.number() }),
  ledger: z.object({
    size: z.number(),
    sealed: z.number(),
    unsealed: z.number(),
    verified: z.boolean(),
    bundle: z.string(),
  }),
  attacker: z.object({
    sessions: z.number(),
    nextStatements: z.record(z.string(), z.number()),
    nextLogin: z.string(),
    logins: z.object({ accepted: z.number(), refused: z.number() }),
  }),
  break: z.optional(
    z.object({ nextStep: z.string(), liveLogin: z.object({ state: z.string(), role: z.string() }) }),
  ),
});
type Shown = z.infer<typeof shown>;

const folders = new Map<string, string>();
const ends = new Map<string, Ended>();

async function startOnce(what: string, ...flags: readonly string[]): Promise<void> {
  const folder = projectFolder();
  folders.set(what, folder);
  ends.set(what, await launch('start.js', ['--once', '--json', ...flags], folder).ended);
}

beforeAll(async () => {
  // Two at a time: a scene waits for more than it computes.
  await Promise.all([
    startOnce('whole').then(() => startOnce('wrong-candidate', '--break', 'wrong-candidate')),
    startOnce('stale-session', '--break', 'stale-session').then(() =>
      startOnce('unreachable-target', '--break', 'unreachable-target'),
    ),
  ]);
}, 900_000);
afterAll(() => Promise.all([...folders.values()].map(removeProject)));

function documentOf(what: string): Shown {
  const { stdout, stderr } = ends.get(what) ?? { stdout: '', stderr: 'never ran' };
  if (stdout === '') throw new Error(stderr);
  return shown.parse(JSON.parse(stdout));
}

const stagesOf = ({ stages }: Shown['runs'][number]) => stages.map(({ name }) => name);
const rotationsOf = ({ runs }: Shown) => runs.filter(({ kind }) => kind === 'rotation');
const revocationOf = ({ runs }: Shown) => runs.find(({ kind }) => kind === 'revocation');

describe('npm start -- --once --json', () => {
  it('ends 0 with both identities verified at L4, found due by the schedule', () => {
    expect(
      rotationsOf(documentOf('whole')).map(({ identity, strategy, outcome, proofLevel }) => ({
        identity,
        strategy,
        outcome,
        proofLevel,
      })),
    ).toEqual([
      { identity: 'orders-db', strategy: 'alternating', outcome: 'verified', proofLevel: 'L4' },
      { identity: 'billing-db', strategy: 'in-place', outcome: 'verified', proofLevel: 'L4' },
    ]);
    expect(ends.get('whole')?.code).toBe(0);
    expect(ends.get('whole')?.stderr).toContain('found due by the schedule');
  });

  it('passes the stages of a rotation in order and says what each proving stage was answered', () => {
    for (const each of rotationsOf(documentOf('whole'))) {
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
    for (const { transitions, evidenceWrites, secretWrites } of rotationsOf(documentOf('whole'))) {
      expect(transitions).toBeLessThanOrEqual(12);
      expect(evidenceWrites).toBeLessThanOrEqual(17);
      expect(secretWrites).toBe(2);
    }
  });

  it('loses no call with two roles that take turns, and measures the gap with one', () => {
    const [orders, billing] = rotationsOf(documentOf('whole'));
    expect(orders).toMatchObject({ consumerFailures: 0, gapSeconds: 0 });
    expect(billing?.gapSeconds).toBeGreaterThan(0);
  });

  it('verifies both chains of every run', () => {
    const { chain } = documentOf('whole');
    // Two rotations, of which one leaves nothing to remove, and a revocation that makes two changes.
    expect(chain).toEqual({ verified: true, records: 15 + 14 + 7 });
  });

  it('seals every record, and another process verifies its bundle offline', () => {
    const { ledger, chain } = documentOf('whole');
    const bundle = join('.gapless', 'demo', 'bundle');
    expect(ledger).toMatchObject({ sealed: ledger.size, unsealed: 0, verified: true, bundle });
    expect(ledger.size).toBeGreaterThanOrEqual(chain.records);
    const manifest = readFileSync(join(folders.get('whole') ?? '', bundle, 'manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ type: 'gapless-bundle', size: ledger.size });
  });

  it('says nothing on a terminal that is not about the demo', () => {
    expect(ends.get('whole')?.stderr).not.toMatch(/warning|deprecat/i);
  });
});

describe('the emergency of npm start', () => {
  const starts = ['whole', 'stale-session', 'wrong-candidate', 'unreachable-target'];

  it.each(starts)('%s: ends verified within its deadline, every session of the attacker dead', (what) => {
    expect(revocationOf(documentOf(what))).toMatchObject({
      identity: 'reports-db',
      outcome: 'verified',
      proofLevel: 'L4',
      deadline: { withinSeconds: 300, tookSeconds: expect.any(Number), kept: true },
      sessions: { after: 0 },
      firstRefusedAt: expect.any(String),
      transitions: 7,
      secretWrites: 0,
      causeCode: null,
    });
  });

  it('counts all 20 sessions that the attacker held', () => {
    expect(revocationOf(documentOf('whole'))?.sessions?.before).toBeGreaterThanOrEqual(20);
  });

  it.each(starts)('%s: the attacker itself reports that nothing it has works any more', (what) => {
    const { attacker } = documentOf(what);
    expect(attacker).toMatchObject({ sessions: 20, nextStatements: { '57P01': 20 }, nextLogin: '28P01' });
    expect(attacker.logins.accepted).toBeGreaterThan(0);
  });

  it('passes seven states, and its one proof says refused', () => {
    const run = revocationOf(documentOf('whole'));
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

describe('npm start -- --break', () => {
  it('stale-session: notices the consumer that stays behind, and puts the old credential back', () => {
    const { runs, break: seen } = documentOf('stale-session');
    expect(runs[0]).toMatchObject({
      outcome: 'rolled-back',
      causeCode: 'ConsumersBehind',
      consumerFailures: 0,
    });
    expect(seen?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(ends.get('stale-session')?.code).toBe(3);
  });

  it('wrong-candidate: refuses a candidate that does not log in, before anybody depends on it', () => {
    const { runs, break: seen } = documentOf('wrong-candidate');
    expect(runs[0]).toMatchObject({
      outcome: 'rolled-back',
      causeCode: 'NewNotAccepted',
      consumerFailures: 0,
    });
    expect(seen?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(ends.get('wrong-candidate')?.code).toBe(3);
  });

  it('unreachable-target: does not guess, and Settle finishes what is owed once the target answers', () => {
    const { runs, break: seen } = documentOf('unreachable-target');
    const [rotation, ...settled] = runs;
    expect(rotation?.outcome).not.toBe('verified');
    expect(rotation?.causeCode).toBe('Inconclusive');
    expect(settled.map(({ kind, outcome }) => `${kind} ${outcome}`)).toContain('settle verified');
    expect(seen?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(ends.get('unreachable-target')?.code).toBe(6);
  });

  it.each(['stale-session', 'wrong-candidate', 'unreachable-target'])(
    '%s: leaves chains that verify and says what to do next',
    (what) => {
      const { chain, break: seen } = documentOf(what);
      expect(chain.verified).toBe(true);
      expect(seen?.nextStep).not.toBe('');
    },
  );
});

describe('the data that npm start leaves', () => {
  it('is read by gapless up after a restart, and commands refuse what they do not know', async () => {
    const folder = folders.get('whole') ?? '';
    const [first] = documentOf('whole').runs;
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
      revoked: { runId: revocationOf(documentOf('whole'))?.runId },
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

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gapless, launch, projectFolder, removeProject } from '../support/cli';

const examples = join(__dirname, '../../examples/policies');
const good = readFileSync(join(examples, 'orders-db.yaml'), 'utf8');

let folder: string;
beforeEach(() => {
  folder = projectFolder();
});
afterEach(() => removeProject(folder));

/** Runs `gapless plan` on one policy. */
function planOf(text: string) {
  mkdirSync(join(folder, 'policies'), { recursive: true });
  writeFileSync(join(folder, 'policies', 'orders-db.yaml'), text);
  return gapless(['plan'], folder);
}

describe('gapless plan', () => {
  it('takes every example policy, without an engine', async () => {
    const { code, stdout } = await gapless(['plan', '--policies', examples, '--json'], folder);
    expect(code).toBe(0);
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      schemaVersion: 1,
      openGaps: 0,
      identities: readdirSync(examples).map((file) => ({ file, id: file.replace('.yaml', '') })),
    });
  });

  it.each([
    {
      case: 'a value out of range',
      from: 'every: 30d',
      to: 'every: 5m',
      says: 'rotation.every: got "5m", want a duration from 15m to 365d',
    },
    {
      case: 'a misspelt field',
      from: 'owner: payments\nteam',
      to: 'ownr: payments\nteam',
      says: 'ownr: is not a known field',
    },
    { case: 'a bad target', from: 'port: 5432', to: 'port: 99999', says: 'target.port: got 99999' },
    {
      case: 'an unknown network',
      from: 'target:\n',
      to: 'target:\n  network: dmz\n',
      says: 'target.network: got "dmz", want one of default',
    },
  ])('refuses $case, naming field, value and what is allowed', async ({ from, to, says }) => {
    const { code, stdout, stderr } = await planOf(good.replace(from, to));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).toContain('Nothing was changed');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('says what each label of a policy stands for, and which one nobody knows', async () => {
    const labels = good.replace(/^controls:.*$/m, 'controls: [NIST-800-53-IA-5, CSF PR.AC-1, HOUSE-7]');
    const { code, stdout } = await planOf(labels);
    expect(code).toBe(0);
    expect(stdout).toContain('NIST-800-53-IA-5: NIST SP 800-53 r5 IA-5');
    expect(stdout).toContain('CSF PR.AC-1: NIST CSF 2.0 PR.AA-01');
    expect(stdout).toContain('HOUSE-7: unknown');
  });

  it('names what a connector cannot do as a design gap', async () => {
    const { code, stdout } = await planOf(good.replace('strategy: alternating', 'strategy: dual'));
    expect(code).toBe(4);
    expect(stdout).toContain('rotation.strategy: got "dual", postgres-role offers in-place, alternating');
  });
});

describe('bad input', () => {
  it.each([
    { args: ['runs', '--bogus'], says: "unknown option '--bogus'" },
    { args: ['rotate', 'orders-db'], says: "required option '--reason <text>' not specified" },
    { args: ['rotate', 'orders-db', '--reason', 'x'], says: '--reason: got 1 characters, want 3 to 512' },
    { args: ['revoke', 'orders-db'], says: "required option '--reason <text>' not specified" },
    {
      args: ['revoke', 'orders-db', '--reason', 'a key was found'],
      says: '--confirm: is missing, and stdin is no terminal where it could be asked for; want --confirm=orders-db. Nothing was changed',
    },
    {
      args: ['revoke', 'orders-db', '--reason', 'a key was found', '--confirm', 'order-db'],
      says: '--confirm: got "order-db", want what is to be revoked, "orders-db". Nothing was changed',
    },
    {
      args: ['revoke', 'orders-db', '--reason', 'a key was found', '--confirm', 'orders-db'],
      says: 'No engine runs in',
    },
    { args: ['rotate', 'orders-db', '--reason', 'again', '--reissue'], says: 'argument missing' },
    { args: ['obligations'], says: 'GAPLESS_REVOCATION_MACHINE' },
    { args: ['runs', '--limit', '0'], says: '--limit: got "0", want a whole number from 1 to 1000' },
    { args: ['runs', '--outcome', 'green'], says: '--outcome: got "green", want one of verified' },
    { args: ['runs', '--since', 'yesterday'], says: '--since: got "yesterday", want how long ago' },
    { args: ['runs'], says: 'npx gapless up' },
    { args: ['evidence', 'export'], says: "required option '--format <format>' not specified" },
    { args: ['evidence', 'export', '--format', 'xml'], says: '--format: got "xml", want one of jsonl, csv' },
    {
      args: ['evidence', 'export', '--format', 'csv', '--run', 'a', '--since', '7d'],
      says: '--run names one run; --identity, --since and --until choose several',
    },
    {
      args: ['evidence', 'export', '--format', 'csv', '--since', '7d', '--until', '8d'],
      says: 'want a time after --since',
    },
    { args: ['evidence', 'export', '--format', 'csv', '--json'], says: 'Give --out <file>' },
    { args: ['evidence', 'export', '--format', 'csv', '--out', '.'], says: '--out: got ".", which exists' },
  ])('gapless $args ends 2 and says what is allowed', async ({ args, says }) => {
    const { code, stdout, stderr } = await gapless(args, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  it('gapless revoke --break-glass ends 5 where nobody could verify who asks', async () => {
    const args = [
      'revoke',
      'orders-db',
      '--reason',
      'a key was found',
      '--confirm=orders-db',
      '--break-glass',
    ];
    const tables = { GAPLESS_EVIDENCE_TABLE: 'evidence', GAPLESS_REGISTRY_TABLE: 'registry' };
    const { code, stdout, stderr } = await launch('gapless.js', args, folder, tables).ended;
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toMatch(/--break-glass: needs the requests URL.*Nothing was changed/);
  });

  it.each([
    { args: ['--all', '--keep'], says: /--all: given with --keep; want one of the two/ },
    {
      args: ['--all', '--break', 'stale-session'],
      says: /--all: given with --break; want one of the two.*never broken/,
    },
    { args: ['--keep', '--break', 'stale-session'], says: /--keep: given with --break; want one of the two/ },
    { args: ['--json'], says: /--json: given without --once; want both/ },
  ])('npm start refuses $args together and starts nothing', async ({ args, says }) => {
    const { code, stdout, stderr } = await launch('start.js', args, folder).ended;
    expect({ code, stdout, left: readdirSync(folder) }).toEqual({ code: 2, stdout: '', left: [] });
    expect(stderr).toMatch(says);
    expect(stderr).toContain('Nothing was started.');
  });

  it('npm start refuses to break what it does not know', async () => {
    const { code, stderr } = await launch('start.js', ['--once', '--break', 'everything'], folder).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/Allowed choices are stale-session, unreachable-target, wrong-candidate/);
  });
});

import { PassThrough } from 'node:stream';
import { answerLapsed } from '../../apps/cli/commands/evidence-lapsed';
import { answer } from '../../apps/cli/commands/evidence-list';
import { Terminal } from '../../apps/cli/output/terminal';
import { queryOf } from '../../apps/cli/query/run-flags';
import { controlShown } from '../../core/query/control-shown';
import type { Census, CheckedRun } from '../../core/query/answers';
import { START } from '../support/chains';

const holds: CheckedRun = {
  runId: 'run-1',
  kind: 'rotation',
  identityId: 'orders-db',
  owner: 'payments',
  actor: 'schedule',
  controls: ['IA-5'],
  openedAt: START,
  outcome: 'verified',
  level: 'L4',
  records: 15,
  wrong: [],
  shows: [{ action: 'oldRefused', result: 'satisfied', because: 'seen refused' }],
};
const broken = { ...holds, runId: 'run-2', wrong: ['RUN#run-2 seq 4: expected hash a, found hash b'] };
const matches: Census = { state: 'matches', ledger: 2, index: 2, unsealed: 1, wrong: [] };
const differs: Census = {
  ...matches,
  state: 'differs',
  wrong: ['RUN#gone SUMMARY of the run index: expected aborted, as its records say, found nothing'],
};

/** What `evidence list` says and ends with, when the deployment answers so. */
async function said(runs: readonly CheckedRun[], census: Census, next: string | null = null) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const terminal = new Terminal({ format: 'json', messages: 'shown' }, streams, {});
  const questions = {
    checked: async () => ({ runs: [...runs], next }),
    census: async () => census,
    later: async () => ({ runs: [], wrong: [], next: null }),
  };
  const code = await answer(terminal, questions, { limit: runs.length });
  return { code, stdout: String(streams.stdout.read()), stderr: String(streams.stderr.read()) };
}

describe('gapless evidence list', () => {
  it.each([
    { case: 'complete', runs: [holds], census: matches, code: 0, complete: true, says: 'UNSEALED 1' },
    {
      case: 'short of a run',
      runs: [holds],
      census: differs,
      code: 7,
      complete: false,
      says: 'gapless: RUN#gone',
    },
    {
      case: 'broken',
      runs: [holds, broken],
      census: matches,
      code: 7,
      complete: true,
      says: 'gapless: RUN#run-2 seq 4',
    },
    {
      case: 'not counted',
      runs: [holds],
      census: { state: 'not taken', why: 'the ledger is not named' } as const,
      code: 4,
      complete: false,
      says: 'It may be complete, and is not known to be',
    },
  ])(
    'says of an answer that it is $case, and ends with $code',
    async ({ runs, census, code, complete, says }) => {
      const answered = await said(runs, census);
      expect(answered.code).toBe(code);
      expect(answered.stderr).toContain(says);
      expect(JSON.parse(answered.stdout)).toMatchObject({
        schemaVersion: 1,
        count: runs.length,
        complete,
        next: null,
      });
    },
  );

  it('never calls a page complete, and says where the next one begins', async () => {
    const next = `${START}#run-1`;
    const { code, stdout, stderr } = await said([holds], matches, next);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ complete: false, next, census: null });
    expect(stderr).toContain(`--after ${next}`);
  });

  it.each([
    { flags: { limit: '0' }, says: '--limit: got "0"' },
    { flags: { limit: '5', after: 'page 2' }, says: '--after: got "page 2", want the cursor' },
    { flags: { limit: '5', since: '7d', until: '8d' }, says: 'want a time after --since' },
    { flags: { limit: '5', outcome: 'green' }, says: '--outcome: got "green", want one of verified' },
  ])('refuses $flags', ({ flags, says }) => {
    expect(() => queryOf(flags, Date.parse(START))).toThrow(says);
  });
});

describe('what a run shows of a control', () => {
  const failed = { action: 'oldRefused', result: 'not-satisfied', because: 'still accepted' } as const;
  it.each([
    { case: 'shown, when every action is', label: 'IA-5', run: holds, state: 'shown' },
    {
      case: 'not shown, when one is not',
      label: 'NIST-800-53-IA-5',
      run: { ...holds, shows: [...holds.shows, failed] },
      state: 'not shown',
    },
    {
      case: 'nothing, when no record says',
      label: 'IA-5',
      run: { ...holds, shows: [] },
      state: 'says nothing',
    },
    { case: 'nothing, of a label nobody knows', label: 'HOUSE-7', run: holds, state: 'says nothing' },
  ])('is $case', ({ label, run, state }) => {
    expect(controlShown(label, run).state).toBe(state);
  });
});

describe('gapless evidence lapsed', () => {
  it.each([
    { lapsed: [], code: 0 },
    {
      lapsed: [
        {
          identityId: 'orders-db',
          owner: 'payments',
          every: '30d',
          lastVerifiedAt: null,
          why: 'it was never rotated',
        },
      ],
      code: 4,
    },
  ])('ends with $code', async ({ lapsed, code }) => {
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
    const terminal = new Terminal({ format: 'text', messages: 'shown' }, streams, {});
    const questions = { lapsed: async () => ({ at: START, identities: 3, withoutRotation: 1, lapsed }) };
    expect(await answerLapsed(terminal, questions)).toBe(code);
    expect(String(streams.stderr.read())).toContain(
      `Of 3 identities ${2 - lapsed.length} have a verified rotation`,
    );
  });
});

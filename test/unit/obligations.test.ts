import { PassThrough } from 'node:stream';
import { answerObligations, MOST } from '../../apps/cli/commands/obligations';
import { Terminal } from '../../apps/cli/output/terminal';
import type { Obligation } from '../../core/ports/registry';
import { after, START } from '../support/chains';

const owed = (n: number): Obligation => ({
  identityId: `id-${n}`,
  versionId: 'old',
  remoteId: 'orders_app',
  type: 'refusal',
  by: 'revocation',
  runId: 'the-emergency',
  openedAt: START,
  deadline: after(600),
  nextAttemptAt: after(60),
  attempts: 0,
  why: 'revoked',
});

function said(found: readonly Obligation[], seconds: number) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const terminal = new Terminal({ format: 'json', messages: 'shown' }, streams, {});
  const at = Date.parse(after(seconds));
  const code = answerObligations(terminal, { found, at, late: [], identity: undefined });
  const told: unknown = JSON.parse(String(streams.stdout.read()));
  return { code, told, stderr: String(streams.stderr.read()) };
}

describe('gapless obligations', () => {
  it('ends with 0 while nothing is overdue, and with 4 once something is', () => {
    expect(said([owed(1)], 60)).toMatchObject({ code: 0, told: { overdue: 0, complete: true } });
    expect(said([owed(1)], 601)).toMatchObject({ code: 4, told: { overdue: 1, complete: true } });
  });

  it('never calls an answer that was cut free of overdue ones', () => {
    const found = Array.from({ length: MOST + 1 }, (_, n) => owed(n));
    const { code, told, stderr } = said(found, 60);
    expect([code, told]).toMatchObject([4, { overdue: 0, complete: false }]);
    expect(stderr).toContain('more may be overdue');
  });
});

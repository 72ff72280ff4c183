import { outcomes, type Outcome } from '../../../core/evidence/record';
import type { Revoked, RunSummary } from '../../../core/ports/registry';
import { connect } from '../connection';
import { Exit, exitCodes } from '../exit';
import { momentOf } from '../moment';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';
import { openStores } from '../stores';

export interface RunsOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly identity: string | undefined;
  /** A date, a time, or how long ago, such as 7d. */
  readonly since: string | undefined;
  readonly outcome: string | undefined;
  readonly limit: string;
  /** Epoch ms. */
  readonly now: number;
}

const MOST = 1_000;
const allowed: readonly string[] = [...outcomes, 'open'];

/** Lists runs, newest first. Reads only. */
export async function runs(options: RunsOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const query = {
    limit: limitOf(options.limit),
    ...(options.identity !== undefined && { identityId: options.identity }),
    ...(options.since !== undefined && { since: momentOf('--since', options.since, options.now) }),
    ...(options.outcome !== undefined && { outcome: outcomeOf(options.outcome) }),
  };
  const stores = openStores(connect(options.folder, process.env));
  try {
    const [found, row] = await Promise.all([
      stores.registry.runs(query),
      options.identity === undefined ? undefined : stores.registry.identity(options.identity),
    ]);
    terminal.document({ runs: found, ...(row?.revoked && { revoked: row.revoked }) });
    for (const line of table([HEAD, ...found.map(cells)])) terminal.line(line);
    terminal.message(
      found.length === 0
        ? none(options)
        : `${found.length} runs. Next: npx gapless evidence show ${found[0]?.runId ?? ''}`,
    );
    if (row?.revoked) terminal.message(revokedText(row.id, row.revoked));
    return exitCodes.ok;
  } finally {
    stores.close();
  }
}

function revokedText(id: string, { at, runId }: Revoked): string {
  return `${id} is revoked since ${at}, by run ${runId}; the schedule leaves it alone. To make it work again: npx gapless rotate ${id} --reissue ${runId} --reason "<why>"`;
}

const HEAD = ['opened', 'run', 'kind', 'identity', 'outcome', 'level', 'about or cause'];

function cells({
  openedAt,
  runId,
  kind,
  identityId,
  outcome,
  level,
  about,
  cause,
  evidence,
}: RunSummary): readonly string[] {
  return [
    openedAt.slice(0, 19),
    runId,
    kind,
    identityId,
    evidence === 'waiting' ? `${outcome}, EVIDENCE_DEGRADED` : outcome,
    level ?? '-',
    about ?? cause?.slice(0, 80) ?? '',
  ];
}

function none({ identity }: RunsOptions): string {
  return `No run fits. ${identity === undefined ? 'The schedule starts them when identities are due' : `Identity ${identity} may not be enrolled yet, or has none`}; start one now: npx gapless rotate ${identity ?? '<id>'} --reason "<why>"`;
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw new Exit(
    'usage',
    `--limit: got ${JSON.stringify(text)}, want a whole number from 1 to ${MOST}. Nothing was read.`,
  );
}

function outcomeOf(text: string): Outcome | 'open' {
  if (isOutcome(text)) return text;
  throw new Exit(
    'usage',
    `--outcome: got ${JSON.stringify(text)}, want one of ${allowed.join(', ')}. Nothing was read.`,
  );
}

function isOutcome(text: string): text is Outcome | 'open' {
  return allowed.includes(text);
}

import type { Revoked } from '../../../core/ports/registry';
import type { RowPage } from '../../../core/query/answers';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';
import { completenessDocument, completenessOf, completenessText } from '../query/completeness';
import { openQuestions } from '../query/questions';
import { queryOf, type RunFlags } from '../query/run-flags';
import { openStores } from '../stores';

export interface RunsOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly flags: RunFlags;
  /** Epoch ms. */
  readonly now: number;
}

/** Lists runs, newest first, as the index has them, counted against the ledger. Reads only. */
export async function runs({ folder, speech, flags, now }: RunsOptions): Promise<number> {
  const terminal = new Terminal(speech);
  const query = queryOf(flags, now);
  const connection = connect(folder, process.env);
  const [questions, stores] = [openQuestions(connection), openStores(connection)];
  try {
    const { identity } = flags;
    const [{ runs: found, next }, row] = await Promise.all([
      questions.rows(query),
      identity === undefined ? undefined : stores.registry.identity(identity),
    ]);
    const completeness = await completenessOf(questions, query, next);
    const revoked = row?.revoked;
    terminal.document({
      runs: found,
      ...(revoked && { revoked }),
      ...completenessDocument(completeness),
    });
    for (const line of table([HEAD, ...found.map(cells)])) terminal.line(line);
    const differs = completeness.state === 'whole' && completeness.census.state === 'differs';
    if (completeness.state === 'whole' && completeness.census.state === 'differs')
      for (const each of completeness.census.wrong) terminal.error(each);
    terminal.message(found.length === 0 ? none(flags) : some(found));
    terminal.message(completenessText(completeness));
    if (row && revoked) terminal.message(revokedText(row.id, revoked));
    return differs ? exitCodes.evidenceBroken : exitCodes.ok;
  } finally {
    questions.close();
    stores.close();
  }
}

function revokedText(id: string, { at, runId }: Revoked): string {
  return `${id} is revoked since ${at}, by run ${runId}; the schedule leaves it alone. To make it work again: npx gapless rotate ${id} --reissue ${runId} --reason "<why>"`;
}

const HEAD = ['opened', 'run', 'kind', 'identity', 'outcome', 'level', 'about or cause'];

type Row = RowPage['runs'][number];

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
}: Row): readonly string[] {
  return [
    openedAt.slice(0, 19),
    runId,
    kind,
    identityId,
    evidence === 'waiting' ? `${outcome}, EVIDENCE_DEGRADED` : outcome,
    level ?? '-',
    kind === 'confirmation' ? `${about ?? ''}, ${cause ?? ''}` : (about ?? cause?.slice(0, 80) ?? ''),
  ];
}

function some(found: readonly Row[]): string {
  return `${found.length} ${found.length === 1 ? 'run' : 'runs'}. Next: npx gapless evidence show ${found[0]?.runId ?? ''}`;
}

function none({ identity }: RunFlags): string {
  return `No run fits. ${identity === undefined ? 'The schedule starts them when identities are due' : `Identity ${identity} may not be enrolled yet, or has none`}; start one now: npx gapless rotate ${identity ?? '<id>'} --reason "<why>"`;
}

import type { Obligation } from '../../../core/ports/registry';
import { mustBeEnrolled } from '../by-hand';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { countOf, printWaiting, type Waiting } from '../ledger/late-records';
import { roughSeconds } from '../output/durations';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';
import { serverTime } from '../server-time';
import { openStores, type Stores } from '../stores';

export interface ObligationsOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly identity: string | undefined;
}

/** An obligation with the clock of its deadline; negative seconds are overdue, null has no deadline. */
type Owed = Omit<Obligation, 'deadline'> & {
  readonly deadline: string | null;
  readonly secondsLeft: number | null;
};

/** As many as one look of Settle goes through. */
export const MOST = 10_000;
const HEAD = ['identity', 'owed', 'by', 'since', 'attempts', 'next attempt', 'deadline', 'why'];

/** Lists what is owed, the nearest deadline first, and records of emergencies that wait for the table. Reads only. */
export async function obligations({ folder, speech, identity }: ObligationsOptions): Promise<number> {
  const terminal = new Terminal(speech);
  const connection = connect(folder, process.env);
  const stores = openStores(connection);
  try {
    const [found, { at }, late] = await Promise.all([
      read(stores, identity),
      serverTime(connection),
      stores.late.waiting(),
    ]);
    return answerObligations(terminal, { found, at, late, identity });
  } finally {
    stores.close();
  }
}

/** What was read. */
interface Read extends Pick<ObligationsOptions, 'identity'> {
  /** At most one more than MOST. */
  readonly found: readonly Obligation[];
  /** Epoch ms. */
  readonly at: number;
  readonly late: Waiting;
}

/**
 * The answer, however it was read. They are read by their next attempt, and what was tried in vain for long is tried
 * seldom: in an answer that was cut, the overdue ones are those that are missing.
 * @returns the exit code
 */
export function answerObligations(terminal: Terminal, { found, at, late, identity }: Read): number {
  const complete = found.length <= MOST;
  const owed = found
    .slice(0, MOST)
    .map((each) => timed(each, at))
    .toSorted(nearestFirst);
  const overdue = owed.filter(isOverdue).length;
  terminal.document({ obligations: owed, overdue, complete, evidenceWaiting: late });
  if (owed.length > 0)
    for (const line of table([HEAD, ...owed.map((each) => cells(each, at))])) terminal.line(line);
  printWaiting(terminal, late);
  terminal.message(verdictOf(owed, overdue, identity));
  if (!complete)
    terminal.error(
      `More than ${MOST} obligations are open and only these were read, so more may be overdue. Ask for one identity: --identity <id>.`,
    );
  return overdue > 0 || countOf(late) > 0 || !complete ? exitCodes.gapFound : exitCodes.ok;
}

async function read(stores: Stores, identity: string | undefined): Promise<readonly Obligation[]> {
  if (identity === undefined) return stores.registry.openObligations(MOST + 1);
  await mustBeEnrolled(stores, identity);
  return stores.registry.obligationsOf(identity);
}

function timed({ deadline, ...obligation }: Obligation, at: number): Owed {
  if (deadline === undefined) return { ...obligation, deadline: null, secondsLeft: null };
  return { ...obligation, deadline, secondsLeft: Math.round((Date.parse(deadline) - at) / 1_000) };
}

function isOverdue({ secondsLeft }: Owed): boolean {
  return secondsLeft !== null && secondsLeft < 0;
}

/** What has no deadline comes last; among equals, what is owed longest. */
function nearestFirst(one: Owed, other: Owed): number {
  const key = ({ deadline, openedAt }: Owed) => `${deadline ?? '~'} ${openedAt}`;
  return key(one) < key(other) ? -1 : 1;
}

function cells(owed: Owed, at: number): readonly string[] {
  return [
    owed.identityId,
    `${owed.type} ${owed.versionId}`,
    owed.by,
    owed.openedAt.slice(0, 19),
    String(owed.attempts),
    nextText(Math.round((Date.parse(owed.nextAttemptAt) - at) / 1_000)),
    deadlineText(owed),
    owed.why,
  ];
}

function nextText(seconds: number): string {
  return seconds <= 0 ? 'now' : `in ${roughSeconds(seconds)}`;
}

function deadlineText({ secondsLeft }: Owed): string {
  if (secondsLeft === null) return 'none';
  return secondsLeft < 0 ? `overdue by ${roughSeconds(-secondsLeft)}` : `${roughSeconds(secondsLeft)} left`;
}

function verdictOf(owed: readonly Owed[], overdue: number, identity: string | undefined): string {
  const [first] = owed;
  if (!first) return `Nothing is owed${identity === undefined ? '' : ` by ${identity}`}.`;
  const late = overdue === 0 ? 'none overdue' : `${overdue} overdue`;
  return `${owed.length} owed, ${late}. Settle tries each again until it is paid; nothing is given up. Next: npx gapless evidence show ${first.runId}`;
}

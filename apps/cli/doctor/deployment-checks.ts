import type { Connection } from '../connection';
import { serverTime } from '../server-time';
import type { Stores } from '../stores';
import { failed, ok, type Check } from './check';

/** AWS refuses requests signed with a clock that is off by more than this (SigV4: five minutes; some services fifteen). */
const SKEW_MS = 5 * 60_000;
/** A run takes minutes, and Settle looks every minute; an hour in either means that nobody works on it. */
const OVERDUE_MS = 60 * 60_000;
const LIMIT = 100;

/** Checks of a deployment that can be reached. `now` gives epoch ms. */
export function deploymentChecks(
  connection: Connection,
  stores: Stores,
  now: () => number,
): readonly Check[] {
  const time = async () => (await serverTime(connection)).at;
  return [
    { name: 'engine', run: () => clock(connection, now) },
    { name: 'registry', run: () => registry(stores) },
    { name: 'evidence', run: () => evidence(stores) },
    { name: 'due', run: async () => due(stores, await time()) },
    { name: 'revoked', run: () => revoked(stores) },
    { name: 'open runs', run: async () => openRuns(stores, await time()) },
    { name: 'obligations', run: async () => obligations(stores, await time()) },
  ];
}

async function clock(connection: Connection, now: () => number) {
  const { url, at } = await serverTime(connection);
  const ahead = Math.round((at - now()) / 1_000);
  switch (connection.where) {
    case 'local':
      // The demo moves its engine's time on purpose; keys of this machine's host are good at any time there.
      return ok(
        `${url} answers${Math.abs(ahead) < 5 ? '' : `; its time is ${ahead} s ahead of this machine's`}`,
      );
    case 'aws':
      if (Math.abs(ahead) * 1_000 <= SKEW_MS) return ok(`${url} answers, and the clocks agree`);
      return failed(
        `${url} says it is ${new Date(at).toISOString()}, ${Math.abs(ahead)} s away from this machine. Set this machine's clock.`,
      );
    default:
      return connection.where satisfies never;
  }
}

async function registry(stores: Stores) {
  const rows = await stores.registry.identities();
  if (rows.length > 0) return ok(`${rows.length} identities are enrolled`);
  return failed(
    'No identity is enrolled. The sweep does it within a minute of a deployment; see that the schedule gapless-sweep is on.',
  );
}

async function evidence(stores: Stores) {
  const [newest] = await stores.registry.runs({ limit: 1 });
  if (!newest) return ok('the table can be reached once there is a run; there is none yet');
  const records = await stores.evidence.read('RUN', newest.runId);
  return records.length > 0
    ? ok(`the newest run ${newest.runId} has ${records.length} records`)
    : failed(
        `The newest run ${newest.runId} has no record. Keep the tables as they are and see docs/runbooks.`,
      );
}

async function due(stores: Stores, time: number) {
  const late = (await stores.registry.identities()).filter(
    (row) => !row.revoked && row.dueAt !== undefined && Date.parse(row.dueAt) < time - OVERDUE_MS,
  );
  if (late.length === 0) return ok('no identity is overdue');
  return failed(
    `${late.length} identities are due for more than an hour: ${late
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}. See their runs: npx gapless runs --identity ${late[0]?.id ?? ''}`,
  );
}

/** Revoked is what somebody wanted, so it is told and is no failure. */
async function revoked(stores: Stores) {
  const rows = await stores.registry.identities();
  const names = rows.flatMap((row) => (row.revoked ? [`${row.id} since ${row.revoked.at}`] : []));
  if (names.length === 0) return ok('no identity is revoked');
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return ok(
    `${names.length} revoked, and not rotated until reissued: ${names.slice(0, 5).join(', ')}${more}. Which run did it: npx gapless runs --identity <id>`,
  );
}

async function openRuns(stores: Stores, time: number) {
  const open = await stores.registry.openRuns();
  const old = open.filter(({ openedAt }) => Date.parse(openedAt) < time - OVERDUE_MS);
  if (old.length === 0) return ok(`${open.length} open`);
  return failed(
    `${old.length} runs are open for more than an hour, the oldest ${old[0]?.runId ?? ''}. See docs/runbooks/settle-failing.md.`,
  );
}

async function obligations(stores: Stores, time: number) {
  const owed = await stores.registry.openObligations(LIMIT);
  const late = owed.filter(({ deadline, nextAttemptAt }) => Date.parse(deadline ?? nextAttemptAt) < time);
  if (owed.length === 0) return ok('nothing is owed');
  const first = late[0] ?? owed[0];
  const what = `${first?.type ?? ''} of ${first?.identityId ?? ''}, version ${first?.versionId ?? ''}`;
  return late.length === 0
    ? ok(`${owed.length} owed, none late; the next is ${what} at ${first?.nextAttemptAt ?? ''}`)
    : failed(
        `${late.length} of ${owed.length} owed are late: ${what}. Settle retries; see npx gapless obligations --identity ${first?.identityId ?? ''}`,
      );
}

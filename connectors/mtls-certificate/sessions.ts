import type { SessionCount, SessionScope } from '../../core/connector';
import type { CredentialVersion } from '../../core/credential';
import { Failure } from '../../core/failure';
import { type Asked, closeSessions, type OpenSessions, readSessions, readState } from './endpoint';
import { ownOrGone } from './enforcement';

const POLL_MS = 50;
/** Part of a call's time that closing may take, so that the answer is still in time. */
const SHARE = 0.6;

/**
 * Counts the connections that were opened with a certificate.
 * @throws Failure AdminRightsMissing when the token may not see them; TargetRejected while tickets from before the list
 * in use still open new ones, as a count would then say too little
 */
export async function countOpen(
  asked: Asked,
  { remoteId }: CredentialVersion,
  scope: SessionScope,
): Promise<SessionCount> {
  const seen = await readSessions(asked, remoteId);
  if (Date.parse(seen.ticketsSince) < Date.parse(seen.enforcedSince)) {
    const message = `${asked.subject.identityId}: the endpoint still takes session tickets from before its revocation list (${seen.ticketsSince}), so who has one needs no certificate. Nothing was changed. Let the endpoint change its ticket keys with every reload`;
    throw new Failure('TargetRejected', message, 'none');
  }
  return { count: within(asked, seen, scope).length, countedBy: `serial ${remoteId}` };
}

/**
 * Closes them, again and again until none is left and every worker uses the list that keeps new ones out, or the time is
 * over. Answers how many are gone.
 */
export async function endOpen(
  asked: Asked,
  version: CredentialVersion,
  scope: SessionScope,
): Promise<SessionCount> {
  const { call } = asked;
  const state = await readState(asked);
  ownOrGone(asked, state, version);
  const countedBy = `serial ${version.remoteId}`;
  const deadline = call.monotonic() + call.timeoutMs * SHARE;
  const told = new Set<string>();
  for (;;) {
    const seen = await readSessions(asked, version.remoteId);
    const open = within(asked, seen, scope);
    const over = open.length === 0 && seen.enforced >= state.revision;
    if (over || call.monotonic() >= deadline)
      return { count: told.size - open.filter((id) => told.has(id)).length, countedBy };
    if (open.length > 0) await closeSessions(asked, open);
    for (const id of open) told.add(id);
    await call.sleep(POLL_MS);
  }
}

function within(
  { subject }: Asked,
  { sessions }: OpenSessions,
  { startedAtOrBefore, startedAfter, client }: SessionScope,
): readonly string[] {
  if (client !== undefined) {
    const message = `${subject.identityId}: connections of a TLS endpoint carry no client name, so those of ${client} cannot be told apart. Nothing was changed`;
    throw new Failure('InvalidInput', message, 'none');
  }
  return sessions
    .filter(
      ({ since }) =>
        (startedAtOrBefore === undefined || Date.parse(since) <= Date.parse(startedAtOrBefore)) &&
        (startedAfter === undefined || Date.parse(since) > Date.parse(startedAfter)),
    )
    .map(({ id }) => id);
}

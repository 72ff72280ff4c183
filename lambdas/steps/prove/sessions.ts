import type { Call, Subject } from '../../../core/call';
import type { Bound, SessionScope } from '../../../core/connector';
import type { CredentialVersion } from '../../../core/credential';
import type { SessionsCounted } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Material } from '../../../core/material';
import type { Finding } from '../../../core/verdict/judge';
import { iso, type ProberDeps } from '../deps';

/** How long sessions may take to be gone, and how often they are looked at, in milliseconds. */
const WAIT_MS = 5_000;
const PERIOD_MS = 50;

/** Whose sessions: those of a version, in a scope, under the authority of a call. Of some nobody holds the material. */
export interface SessionsOf {
  readonly subject: Subject;
  readonly version: CredentialVersion & { readonly material?: Material };
  readonly scope: SessionScope;
  readonly call: Call;
  /** Of the credential in force, where there is one. */
  readonly beside?: Material;
}

/**
 * What is left of the sessions of a credential, the way its kind can tell: counted, bounded, or none by nature. `after`
 * is 0 only where that was proven, and null where nobody knows.
 */
export async function sessionsLeft(
  deps: ProberDeps,
  sessions: SessionsOf,
  finding: Finding | undefined,
): Promise<SessionsCounted> {
  const { versionId } = sessions.version;
  switch (deps.connector.descriptor.sessions) {
    case 'none': {
      const countedBy = 'the kind has no sessions';
      return { versionId, before: null, after: null, countedBy, method: 'none' };
    }
    case 'bounded':
      return lookUntilGone(deps, sessions, () => bounded(deps, sessions, finding));
    case 'countable':
      return lookUntilGone(deps, sessions, () => counted(deps, sessions));
    default:
      return deps.connector.descriptor.sessions satisfies never;
  }
}

type Look = Pick<SessionsCounted, 'after' | 'countedBy' | 'method'>;

async function counted(deps: ProberDeps, { subject, version, scope, call }: SessionsOf): Promise<Look> {
  const { count, countedBy } = await deps.connector.operations.countSessions(subject, version, scope, call);
  return { after: count, countedBy, method: 'counted' };
}

/** Nothing is bounded before the credential itself is refused: until then it derives anew. */
async function bounded(
  deps: ProberDeps,
  { subject, version, call, beside }: SessionsOf,
  finding: Finding | undefined,
): Promise<Look> {
  const { material } = version;
  if (material === undefined)
    return { after: null, countedBy: 'nobody holds it, so what it derived is not known', method: 'bounded' };
  if (finding?.state !== 'refused')
    return { after: null, countedBy: 'it could still derive new ones', method: 'bounded' };
  const derivation = { refusedAt: finding.firstStableRefusal, now: deps.now(), ...(beside && { beside }) };
  const { operations } = deps.connector;
  return worthOf(await operations.boundSessions(subject, version, material, derivation, call));
}

function worthOf(bound: Bound): Look {
  const method = 'bounded';
  switch (bound.state) {
    case 'denied':
      return { after: 0, countedBy: `denied on a data call: ${bound.signal}`, method };
    case 'expired':
      return { after: 0, countedBy: `the last of it expired at ${iso(bound.at)}`, method };
    case 'open': {
      const until = bound.until === undefined ? 'until an unknown time' : `until ${iso(bound.until)}`;
      return { after: bound.alive ?? null, countedBy: `what it derived may be used ${until}`, method };
    }
    default:
      return bound satisfies never;
  }
}

async function lookUntilGone(
  deps: ProberDeps,
  { version: { versionId } }: SessionsOf,
  look: () => Promise<Look>,
): Promise<SessionsCounted> {
  const started = deps.now();
  let before: number | null = null;
  for (;;) {
    try {
      const seen = await look();
      before ??= seen.after;
      if (seen.after === 0 || deps.now() - started >= WAIT_MS) return { versionId, before, ...seen };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { versionId, before, after: null, countedBy: error.name, method: 'unknown' };
    }
    await deps.sleep(PERIOD_MS);
  }
}

/** Why sessions keep a refusal from being proven; undefined when they do not. */
export function sessionsObjection(
  sessions: SessionsCounted,
): { readonly finding: 'disproven' | 'inconclusive'; readonly cause: string } | undefined {
  const { method, after, countedBy } = sessions;
  if (after !== null && after > 0)
    return { finding: 'disproven', cause: `${after} session(s) of it are still open (${countedBy})` };
  if (method === 'unknown')
    return { finding: 'inconclusive', cause: `sessions could not be counted: ${countedBy}` };
  if (method === 'bounded' && after === null) return { finding: 'inconclusive', cause: countedBy };
  return undefined;
}

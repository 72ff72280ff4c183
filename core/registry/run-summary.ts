import type { RecordOf } from '../evidence/record';
import type { RunSummary } from '../ports/registry';

/**
 * A run as the index finds it, from its first record and, once it has closed, its last. It says nothing they do not.
 * @param waiting how many of its records wait in the spill
 */
export function summaryOf(
  opened: RecordOf<'RunOpened'>,
  closed: RecordOf<'RunClosed'> | undefined,
  waiting = 0,
): RunSummary {
  const { runId, kind, identity, actor, controls, about, at } = opened;
  return {
    runId,
    kind,
    identityId: identity.id,
    owner: identity.owner,
    actor: actor.id,
    controls,
    glass: actor.type === 'breakGlass' && kind === 'revocation' ? 'broken' : undefined,
    about: about ?? undefined,
    openedAt: at,
    closedAt: closed?.at,
    outcome: closed?.outcome ?? 'open',
    level: closed?.level,
    cause: closed?.cause ?? undefined,
    ...(closed && lateness(closed, waiting)),
  };
}

/** What the summary says of evidence that was not there when it was made. */
function lateness(
  { degraded, cause }: RecordOf<'RunClosed'>,
  waiting: number,
): Pick<RunSummary, 'evidence' | 'cause'> | undefined {
  if (!degraded && waiting === 0) return undefined;
  const what =
    waiting > 0
      ? `${waiting} records of this run wait in the spill`
      : `${degraded?.spilled ?? 0} records of this run arrived later than they were made`;
  const said = cause === null ? '' : ` ${cause}`;
  return { evidence: waiting > 0 ? 'waiting' : 'arrived', cause: `EVIDENCE_DEGRADED: ${what}.${said}` };
}

/** What else a run is found by, beside its own fields. */
export function marksOf({ controls, glass }: Pick<RunSummary, 'controls' | 'glass'>): readonly string[] {
  return [...new Set(controls.map(controlMark)), ...(glass === undefined ? [] : [GLASS_MARK])];
}

/** The mark of runs that went on without a second person. */
export const GLASS_MARK = 'glass broken';

/** The mark of runs under a control's label. */
export function controlMark(label: string): string {
  return `control ${label}`;
}

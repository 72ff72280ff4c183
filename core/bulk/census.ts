import type { Census } from '../evidence/record';
import type { RunSummary } from '../ports/registry';
import { lowest, type Level } from '../verdict/level';
import type { Asked } from './list';

/** What became of one identity. */
export interface Verdict {
  readonly identityId: string;
  /** The run that says so: its own revocation, or the earlier one it was skipped for. */
  readonly runId: string | null;
  readonly verdict: 'done' | 'failed' | 'skipped' | 'unknown';
  readonly level: Level | null;
  readonly why: string | null;
}

/** What the registry knows of an identity of a bulk run; never what an execution answered. */
export interface Found {
  /** Of its own revocation. */
  readonly summary: RunSummary | undefined;
  /** A verified run that paid what its own revocation owed. */
  readonly paidBy: RunSummary | undefined;
  /** The run by which it is revoked, when no refusal is owed any more. */
  readonly revokedBy: string | undefined;
}

/** The verdict on one identity, from the registry alone. */
export function verdictOf({ identityId, name, why }: Asked, found: Found): Verdict {
  const { summary, paidBy, revokedBy } = found;
  const say = (
    verdict: Verdict['verdict'],
    runId: string | null,
    told: string | null,
    level: Level | undefined,
  ): Verdict => ({ identityId, runId, verdict, level: level ?? null, why: told });
  if (summary?.outcome === 'verified') return say('done', name, null, summary.level);
  if (summary?.outcome === 'open') return say('unknown', name, 'its revocation is still open', undefined);
  if (paidBy) return say('done', paidBy.runId, `paid by a run about ${name}`, paidBy.level);
  if (revokedBy !== undefined && revokedBy !== name)
    return say('skipped', revokedBy, `revoked already, and proven, by run ${revokedBy}`, undefined);
  if (summary)
    return say('failed', name, `${summary.outcome}: ${summary.cause ?? 'no cause'}`, summary.level);
  return say('unknown', null, why ?? 'no run of it was ever recorded', undefined);
}

/** What keeps a bulk run from being counted: revocations that are open, and those that never began. */
export function unfinished(
  asked: readonly Asked[],
  verdicts: readonly Verdict[],
): { readonly open: number; readonly unstarted: number } {
  const startable = new Set(asked.filter(({ start }) => start === 'yes').map(({ identityId }) => identityId));
  const unknown = verdicts.filter(({ verdict }) => verdict === 'unknown');
  const open = unknown.filter(({ runId }) => runId !== null).length;
  const unstarted = unknown.filter(({ runId, identityId }) => runId === null && startable.has(identityId));
  return { open, unstarted: unstarted.length };
}

/** Counts verdicts: an exact partition of everybody asked. */
export function censusOf(verdicts: readonly Verdict[]): Omit<Census, 'list'> {
  const of = (wanted: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === wanted);
  const done = of('done');
  return {
    asked: verdicts.length,
    done: done.length,
    failed: of('failed').length,
    skipped: of('skipped').length,
    unknown: of('unknown').length,
    level: lowest(done.map(({ level }) => level ?? 'L0')),
  };
}

/** Whether everybody asked is proven dead. */
export function isGreen({ asked, done, skipped }: Omit<Census, 'list'>): boolean {
  return asked > 0 && done + skipped === asked;
}

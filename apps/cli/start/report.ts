import type { RunCheck } from '../../../core/evidence/verify';
import type { Outcome, RecordOf } from '../../../core/evidence/record';
import type { Meter } from '../../local/demo/meter';
import { exitCodes, type ExitName } from '../exit';
import { exitOfRevocation, exitOfRun } from '../outcome';
import type { WatchedRun } from '../watch/run';

/** A run as it is reported, on screen and in the document. Seconds and milliseconds are engine time. */
export interface ReportedRun {
  readonly runId: string;
  readonly kind: string;
  readonly identity: string;
  /** Kind of the credential, such as `postgres-role`. */
  readonly credential: string;
  readonly strategy: string;
  readonly outcome: Outcome | 'open';
  readonly proofLevel: string;
  readonly stages: readonly { readonly name: string; readonly verdict?: string; readonly ms: number }[];
  /** How long the superseded credential was still accepted after another one was current. */
  readonly exposureSeconds: number | null;
  /** How long the credential in force was refused. */
  readonly gapSeconds: number | null;
  /** Failed calls of the identity's worker, by its own count, from before the run until it had ended. */
  readonly consumerFailures: number | null;
  readonly transitions: number;
  readonly evidenceWrites: number;
  readonly secretWrites: number;
  readonly causeCode: string | null;
  readonly cause: string | null;
}

/** What is measured beside the run's own records. */
export interface Measured {
  readonly meter: Meter;
  readonly secret: string;
  readonly consumerFailures: number | null;
}

export function reportOf(run: WatchedRun, { meter, secret, consumerFailures }: Measured): ReportedRun {
  const { opened, closed, execution } = run;
  return {
    runId: run.runId,
    kind: opened?.kind ?? 'rotation',
    identity: run.identityId,
    credential: opened?.identity.kind ?? '',
    strategy: opened?.identity.strategy ?? '',
    outcome: closed?.outcome ?? 'open',
    proofLevel: closed?.level ?? 'L0',
    stages: run.stages.map(({ name, ms, proof }) => ({ name, ...(proof && { verdict: proof.verdict }), ms })),
    exposureSeconds: closed?.exposureSeconds ?? null,
    gapSeconds: closed?.unavailableSeconds ?? null,
    consumerFailures,
    transitions: execution.transitions,
    evidenceWrites: meter.evidenceWrites(run.runId),
    secretWrites: meter.secretWrites(secret, { from: execution.startedAt, to: execution.endedAt }),
    ...causeOf(run, closed),
  };
}

function causeOf(
  { stages }: WatchedRun,
  closed: RecordOf<'RunClosed'> | undefined,
): Pick<ReportedRun, 'causeCode' | 'cause'> {
  if (closed) return { causeCode: closed.causeCode, cause: closed.cause };
  const failure = stages.at(-1)?.failures.at(-1);
  return { causeCode: failure?.error ?? null, cause: failure?.cause ?? null };
}

/** Whether the evidence of every run holds, and of how many records. */
export interface ChainReport {
  readonly verified: boolean;
  readonly records: number;
  readonly broken: readonly {
    readonly runId: string;
    readonly chain: string;
    readonly seq: number;
    readonly expected: string;
    readonly found: string;
  }[];
}

export function chainOf(checks: ReadonlyMap<string, RunCheck>): ChainReport {
  const broken = [...checks].flatMap(([runId, check]) =>
    check.state === 'broken' ? [{ runId, ...check.first }] : [],
  );
  const counts = [...checks.values()].map((check) =>
    check.state === 'broken' ? 0 : check.run.length + check.proof.length,
  );
  return { verified: broken.length === 0, records: counts.reduce((sum, count) => sum + count, 0), broken };
}

/** What all of it means to a script: evidence that does not hold comes first, then the worst run. */
export function exitOf(runs: readonly ReportedRun[], chain: ChainReport): ExitName {
  if (!chain.verified) return 'evidenceBroken';
  const exits = runs
    .filter(({ kind }) => kind === 'rotation' || kind === 'revocation')
    .map((run): ExitName => {
      const exit = run.kind === 'revocation' ? exitOfRevocation(run) : exitOfRun(run);
      return exit === 'ok' && run.proofLevel !== 'L4' ? 'notVerified' : exit;
    });
  return exits.toSorted((a, b) => exitCodes[b] - exitCodes[a])[0] ?? 'notVerified';
}

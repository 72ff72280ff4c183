import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { approvalIdOf } from '../../../core/approval/request';
import { parseRecord, type RecordOf } from '../../../core/evidence/record';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import { credentialLines, runningClock } from '../output/revocation-lines';
import { retryLine, stageLine, waitsLine } from '../output/stage-lines';
import type { Terminal } from '../output/terminal';
import { followExecution, type EndedExecution } from './execution';
import { proofOf, type Proof } from './proof';
import { revocationOf, type Chains } from './revocation';
import type { Stage } from './stages';

/** A stage with what it proved. */
export interface ToldStage extends Stage {
  readonly proof: Proof | undefined;
}

/** A run that has ended: its execution, and what its evidence says. */
export interface WatchedRun {
  readonly runId: string;
  readonly identityId: string;
  readonly execution: EndedExecution;
  readonly stages: readonly ToldStage[];
  /** Absent when the run was never opened, or is not closed yet. */
  readonly opened: RecordOf<'RunOpened'> | undefined;
  readonly closed: RecordOf<'RunClosed'> | undefined;
  readonly chains: Chains;
}

export interface Watcher {
  readonly machines: SFNClient;
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly terminal: Terminal;
  /** Told whether the execution works or waits for a retry. */
  readonly state?: (now: 'working' | 'waiting') => void;
  /** A revocation shows each credential, and its clock: milliseconds that only ever rise. */
  readonly revocation?: { readonly monotonic: () => number };
}

const LOOK_EVERY_MS = 100;

/** What starts Rotation and Settle; Settle takes over a dead run under that run's id. */
const started = z.union([
  z.object({ kind: z.literal('adopt'), runId: z.string() }),
  z.object({
    identityId: z.string(),
    slot: z.optional(z.string()),
    kind: z.optional(z.string()),
    type: z.optional(z.string()),
  }),
]);

/** Shows a run stage by stage until its execution has ended. */
export async function watchRun(watcher: Watcher, executionArn: string): Promise<WatchedRun> {
  const { machines, evidence, terminal } = watcher;
  const { name = '', input = '{}' } = await machines.send(new DescribeExecutionCommand({ executionArn }));
  const given = started.parse(JSON.parse(input));
  const runId = 'runId' in given ? given.runId : name;
  terminal.progress(headline(watcher, given, runId));
  const stages: ToldStage[] = [];
  const listens = listener(watcher, runId, stages);
  const execution = await followExecution(machines, executionArn, listens, LOOK_EVERY_MS);
  const chains = await chainsOf(evidence, runId);
  const opened = chains.run.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened');
  return {
    runId,
    identityId: 'identityId' in given ? given.identityId : (opened?.identity.id ?? ''),
    execution,
    stages,
    opened,
    closed: chains.run.find((record): record is RecordOf<'RunClosed'> => record.type === 'RunClosed'),
    chains,
  };
}

async function chainsOf(evidence: Watcher['evidence'], runId: string): Promise<Chains> {
  const [run, proof] = await Promise.all([evidence.read('RUN', runId), evidence.read('PROOF', runId)]);
  return {
    run: run.map(({ body }) => parseRecord(body)),
    proof: proof.map(({ body }) => parseRecord(body)),
  };
}

function headline(
  { terminal: { colours }, revocation }: Watcher,
  given: z.infer<typeof started>,
  runId: string,
): string {
  const what =
    'runId' in given
      ? 'taken over by Settle'
      : `${colours.bold(given.identityId)}, ${revocation ? colours.red('emergency revocation') : causeOf(given)}`;
  return `\n${what} ${colours.dim(`(run ${runId})`)}`;
}

function causeOf({
  slot,
  kind,
  type,
}: {
  slot?: string | undefined;
  kind?: string | undefined;
  type?: string | undefined;
}): string {
  if (kind === 'pay') return `Settle pays the ${type ?? 'obligation'} that is owed`;
  return slot === undefined ? 'started by hand' : `found due by the schedule, slot ${slot.slice(0, 19)}Z`;
}

function listener(watcher: Watcher, runId: string, told: ToldStage[]) {
  const { evidence, terminal, state = () => undefined } = watcher;
  const clock = new Clock(watcher.revocation);
  return {
    entered: (stage: Stage) => {
      state('working');
      if (stage.name === 'Approve') terminal.progress(waitsLine(terminal, approvalIdOf(runId)));
      terminal.status(`  · ${stage.name} …`);
    },
    running: (stage: Stage) => {
      const used = clock.text();
      if (used !== undefined) terminal.status(`  · ${stage.name} …  ${used}`);
    },
    retried: (stage: Stage) => {
      state('waiting');
      terminal.progress(retryLine(terminal, stage));
    },
    ended: async (stage: Stage) => {
      state('working');
      const proof = await proofOf(evidence, runId, stage.name);
      told.push({ ...stage, proof });
      if (!watcher.revocation) return terminal.progress(stageLine(terminal, stage, proof));
      // Facts and causes stand below, beside the credential each is about.
      terminal.progress(stageLine(terminal, stage, proof && { ...proof, facts: '', cause: null }));
      const facts = revocationOf(await chainsOf(evidence, runId));
      clock.within = facts.deadline.withinSeconds ?? undefined;
      for (const line of credentialLines(terminal, stage.name, facts)) terminal.progress(line);
    },
  };
}

/** How much of a revocation's deadline is used, by this machine's own count since the watching began. */
class Clock {
  readonly #from: number;
  /** Seconds that the policy allows; not known until the run is opened. */
  within: number | undefined;

  constructor(private readonly of: Watcher['revocation']) {
    this.#from = of?.monotonic() ?? 0;
  }

  text(): string | undefined {
    if (!this.of || this.within === undefined) return undefined;
    return runningClock(this.within, (this.of.monotonic() - this.#from) / 1_000);
  }
}

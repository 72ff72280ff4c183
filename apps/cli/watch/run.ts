import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { approvalIdOf } from '../../../core/approval/request';
import { parseRecord, type RecordOf } from '../../../core/evidence/record';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import { retryLine, stageLine, waitsLine } from '../output/stage-lines';
import type { Terminal } from '../output/terminal';
import { followExecution, type EndedExecution } from './execution';
import { proofOf, type Proof } from './proof';
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
}

export interface Watcher {
  readonly machines: SFNClient;
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly terminal: Terminal;
  /** Told whether the execution works or waits for a retry. */
  readonly state?: (now: 'working' | 'waiting') => void;
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
  terminal.progress(headline(terminal, given, runId));
  const stages: ToldStage[] = [];
  const execution = await followExecution(
    machines,
    executionArn,
    listener(watcher, runId, stages),
    LOOK_EVERY_MS,
  );
  const records = (await evidence.read('RUN', runId)).map(({ body }) => parseRecord(body));
  const opened = records.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened');
  return {
    runId,
    identityId: 'identityId' in given ? given.identityId : (opened?.identity.id ?? ''),
    execution,
    stages,
    opened,
    closed: records.find((record): record is RecordOf<'RunClosed'> => record.type === 'RunClosed'),
  };
}

function headline({ colours }: Terminal, given: z.infer<typeof started>, runId: string): string {
  const what =
    'runId' in given ? 'taken over by Settle' : `${colours.bold(given.identityId)}, ${causeOf(given)}`;
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

function listener(
  { evidence, terminal, state = () => undefined }: Watcher,
  runId: string,
  told: ToldStage[],
) {
  return {
    entered: (stage: Stage) => {
      state('working');
      if (stage.name === 'Approve') terminal.progress(waitsLine(terminal, approvalIdOf(runId)));
      terminal.status(`  · ${stage.name} …`);
    },
    retried: (stage: Stage) => {
      state('waiting');
      terminal.progress(retryLine(terminal, stage));
    },
    ended: async (stage: Stage) => {
      state('working');
      const proof = await proofOf(evidence, runId, stage.name);
      told.push({ ...stage, proof });
      terminal.progress(stageLine(terminal, stage, proof));
    },
  };
}

import type { SFNClient } from '@aws-sdk/client-sfn';
import type { RecordOf } from '../../../core/evidence/record';
import { parseRecord } from '../../../core/evidence/record';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import { retryLine, stageLine } from '../output/stage-lines';
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
}

const LOOK_EVERY_MS = 100;

/** Shows a run stage by stage until its execution has ended. */
export async function watchRun({ machines, evidence, terminal }: Watcher, executionArn: string, runId: string): Promise<WatchedRun> {
  const told: ToldStage[] = [];
  const listener = {
    entered: (stage: Stage) => terminal.status(`  · ${stage.name} …`),
    retried: (stage: Stage) => terminal.progress(retryLine(terminal, stage)),
    ended: async (stage: Stage) => {
      const proof = await proofOf(evidence, runId, stage.name);
      told.push({ ...stage, proof });
      terminal.progress(stageLine(terminal, stage, proof));
    },
  };
  const execution = await followExecution(machines, executionArn, listener, LOOK_EVERY_MS);
  const records = (await evidence.read('RUN', runId)).map(({ body }) => parseRecord(body));
  return {
    runId,
    execution,
    stages: told,
    opened: records.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened'),
    closed: records.find((record): record is RecordOf<'RunClosed'> => record.type === 'RunClosed'),
  };
}

import { brokenText, type ExportedRun } from '../exported-run';
import { outcomeFinding, proofFinding } from './compliance-finding';
import { breachDetection, brokenDetection, detectionOf } from './detection-finding';
import { entityEvent } from './entity-management';
import type { Source } from './event-base';
import { ocsfEvent, type OcsfEvent } from './schema';

/**
 * The OCSF 1.6 events of runs: 3004 for each change, 2003 for each verdict and each end of a run, 2004 for each proof
 * that failed, each broken deadline and each run whose chains do not verify. Records that announce (RunOpened,
 * ChangeIntended, ApprovalDecided, RequesterConfirmed) become none.
 * @param product version of Gapless, as `metadata.product.version`
 */
export function ocsfEvents(runs: readonly ExportedRun[], product: string): readonly OcsfEvent[] {
  return runs.flatMap((run) => eventsOf(run, product)).map((event) => ocsfEvent.parse(event));
}

/** One event a line. */
export function ocsfLines(runs: readonly ExportedRun[], product: string): string {
  return ocsfEvents(runs, product)
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}

function eventsOf(run: ExportedRun, product: string): readonly OcsfEvent[] {
  const sources = run.records.flatMap(({ stored, record }): readonly Source[] =>
    record ? [{ run, record, hash: stored.hash, product }] : [],
  );
  const broken = brokenText(run.check);
  const last = sources.at(-1);
  const alarm = broken !== undefined && last ? [brokenDetection(last, broken)] : [];
  return [...sources.flatMap(recordEvents), ...alarm];
}

function recordEvents(source: Source): readonly OcsfEvent[] {
  const { record } = source;
  switch (record.type) {
    case 'ChangeMade':
      return [entityEvent({ ...source, record })];
    case 'Judged': {
      const judged = { ...source, record };
      const detection = detectionOf(judged);
      return detection ? [proofFinding(judged), detection] : [proofFinding(judged)];
    }
    case 'Breached':
      return [breachDetection({ ...source, record })];
    case 'RunClosed':
      return [outcomeFinding({ ...source, record })];
    case 'RunOpened':
    case 'ChangeIntended':
    case 'ApprovalDecided':
    case 'RequesterConfirmed':
      return [];
    default:
      return record satisfies never;
  }
}

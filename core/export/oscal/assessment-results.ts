import { resolveLabel } from '../../controls/resolve';
import type { ExportedRun } from '../exported-run';
import type { Period } from '../period';
import { unknownLabels } from '../run-rows';
import { uuidOf } from '../uuid';
import { localObjectives, reviewedControls } from './controls';
import { findingsOf } from './findings';
import { OSCAL_VERSION, type AssessmentResults, type Result } from './model';
import { componentOf, observationsOf } from './observations';

/** What an assessment-results document is made of besides its runs. */
export interface AssessmentScope {
  /** When the export was made (ISO 8601, with time zone). */
  readonly at: string;
  /** Where the assessment plan lies, as a URI reference; docs/oscal/assessment-plan.json is the plan. */
  readonly planHref: string;
}

/**
 * OSCAL 1.2 assessment results: one result per period, one observation per stage of a run, one finding per control that
 * a run shows something of. The same records at the same `at` give the same document, identifiers too.
 */
export function assessmentResults(
  periods: readonly Period[],
  { at, planHref }: AssessmentScope,
): AssessmentResults {
  const hashes = periods.flatMap(({ runs }) => runs.flatMap(hashesOf));
  const bounds = periods.map(({ title }) => title);
  return {
    'assessment-results': {
      uuid: uuidOf('assessment-results', at, ...bounds, ...hashes),
      metadata: {
        title: 'Rotation and revocation of machine credentials: results',
        'last-modified': at,
        version: at,
        'oscal-version': OSCAL_VERSION,
      },
      'import-ap': { href: planHref },
      'local-definitions': { 'objectives-and-methods': localObjectives() },
      results: periods.map((period) => resultOf(period, at)),
    },
  };
}

function resultOf({ title, start, end, runs }: Period, at: string): Result {
  const uuid = uuidOf('result', start, end, ...runs.flatMap(hashesOf));
  const components = new Map(
    runs.flatMap((run) => componentOf(run) ?? []).map((component) => [component.uuid, component]),
  );
  const observations = runs.flatMap((run) => observationsOf(run, at));
  const findings = findingsOf(runs, uuid);
  return {
    uuid,
    title,
    description: `${runs.length} runs of ${components.size} identities, those that failed too.`,
    start,
    end,
    ...(components.size > 0 && { 'local-definitions': { components: [...components.values()] } }),
    'reviewed-controls': reviewedControls(),
    ...(observations.length > 0 && { observations }),
    ...(findings.length > 0 && { findings }),
    remarks: remarks(runs),
  };
}

function remarks(runs: readonly ExportedRun[]): string {
  if (runs.length === 0) return 'No run was opened in this period, so nothing was assessed.';
  const labels = [...new Set(runs.flatMap(({ opened }) => opened?.controls ?? []))];
  const resolved = labels.map(resolveLabel).filter(({ state }) => state !== 'unknown');
  const unknown = [...new Set(runs.flatMap(unknownLabels))];
  const lines = [
    `Labels of policies that were resolved: ${resolved.map(({ label }) => label).join(', ') || 'none'}.`,
    `Labels that no framework's list holds: ${unknown.join(', ') || 'none'}.`,
  ];
  return lines.join('\n');
}

function hashesOf({ records }: ExportedRun): readonly string[] {
  return records.map(({ stored }) => stored.hash);
}

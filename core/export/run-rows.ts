import { citation } from '../controls/frameworks';
import { resolveLabel } from '../controls/resolve';
import { csv, type Column } from './csv';
import { brokenText, type ExportedRun } from './exported-run';

const columns: readonly Column<ExportedRun>[] = [
  ['run_id', ({ runId }) => runId],
  ['kind', ({ opened }) => opened?.kind ?? null],
  ['identity', ({ opened }) => opened?.identity.id ?? null],
  ['owner', ({ opened }) => opened?.identity.owner ?? null],
  ['team', ({ opened }) => opened?.identity.team ?? null],
  ['environment', ({ opened }) => opened?.identity.environment ?? null],
  ['platform', ({ opened }) => opened?.identity.platform ?? null],
  ['site', ({ opened }) => opened?.identity.site ?? null],
  ['credential_kind', ({ opened }) => opened?.identity.kind ?? null],
  ['strategy', ({ opened }) => opened?.identity.strategy ?? null],
  ['trigger', ({ opened }) => opened?.trigger ?? null],
  ['reason', ({ opened }) => opened?.reason ?? null],
  ['about', ({ opened }) => opened?.about ?? null],
  ['actor_type', ({ opened }) => opened?.actor.type ?? null],
  ['actor_id', ({ opened }) => opened?.actor.id ?? null],
  ['actor_assurance', ({ opened }) => opened?.actor.assurance ?? null],
  ['requested_at', ({ opened }) => opened?.requestedAt ?? null],
  ['due_at', ({ opened }) => opened?.dueAt ?? null],
  ['deadline_at', ({ opened }) => opened?.deadline ?? null],
  ['opened_at', ({ opened }) => opened?.at ?? null],
  ['closed_at', ({ closed }) => closed?.at ?? null],
  ['outcome', ({ closed }) => closed?.outcome ?? 'open'],
  ['level', ({ closed }) => closed?.level ?? null],
  ['cause_code', ({ closed }) => closed?.causeCode ?? null],
  ['cause', ({ closed }) => closed?.cause ?? null],
  ['deadline', ({ closed }) => closed?.deadline ?? null],
  ['exposure_seconds', ({ closed }) => closed?.exposureSeconds ?? null],
  ['unavailable_seconds', ({ closed }) => closed?.unavailableSeconds ?? null],
  ['contained_at', ({ closed }) => closed?.containedAt ?? null],
  ['last_accepted_at', ({ closed }) => closed?.lastAcceptedAt ?? null],
  ['first_stable_refusal_at', ({ closed }) => closed?.firstStableRefusalAt ?? null],
  ['sessions_zero_at', ({ closed }) => closed?.sessionsZeroAt ?? null],
  ['consumer_failures', ({ closed }) => closed?.consumerFailures ?? null],
  ['owes', ({ closed }) => closed?.owes.join('; ') ?? null],
  ['skipped_stages', ({ closed }) => closed?.skipped.map(({ stage }) => stage).join('; ') ?? null],
  ['policy_id', ({ opened }) => opened?.policy.id ?? null],
  ['policy_revision', ({ opened }) => opened?.policy.revision ?? null],
  ['policy_sha256', ({ opened }) => opened?.policy.sha256 ?? null],
  ['controls', (run) => controlText(run)],
  ['unknown_control_labels', (run) => unknownLabels(run).join('; ')],
  ['records', ({ records }) => records.length],
  ['chains', ({ check }) => check.state],
  ['first_break', ({ check }) => brokenText(check) ?? null],
];

/** One row per run. */
export function runsCsv(runs: readonly ExportedRun[]): string {
  return csv(columns, runs);
}

function controlText({ opened }: ExportedRun): string {
  const controls = (opened?.controls ?? []).flatMap((label) => resolveLabel(label).controls);
  return [...new Set(controls.map(citation))].join('; ');
}

/** Labels of a run's policy that no framework's list and no alias holds. */
export function unknownLabels({ opened }: ExportedRun): readonly string[] {
  return (opened?.controls ?? []).filter((label) => resolveLabel(label).state === 'unknown');
}

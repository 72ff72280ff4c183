import { Failure } from '../failure';
import type { Marker } from '../ports/ledger-index';
import type { OpenRun } from '../ports/registry';

/**
 * Lets a run's marker be opened again by the same run.
 * @throws Failure EvidenceConflict when the run id belongs to something else (nothing was changed)
 */
export function refuseOtherRun(there: OpenRun, given: OpenRun): void {
  if (there.identityId === given.identityId && there.kind === given.kind) return;
  const message = `Run ${given.runId} was to be opened as a ${given.kind} of ${given.identityId}; a run of that id is open as a ${there.kind} of ${there.identityId}. Nothing was changed. Start the run again under another name.`;
  throw new Failure('EvidenceConflict', message, 'none');
}

/** A marker as those see it who look for work: a closed run has none left, and its marker only waits for Seal. */
export function openAs(marker: Marker | undefined): OpenRun | undefined {
  if (marker?.state !== 'open') return undefined;
  const { state: _state, ...open } = marker;
  return open;
}

/** A marker that points at the execution that took the run over. */
export function adopted(marker: OpenRun, executionArn: string): OpenRun {
  return { ...marker, executionArn, adoptions: marker.adoptions + 1 };
}

/**
 * Lets a run be adopted again by the same execution.
 * @throws Failure FenceLost when the run closed, or another execution adopted it meanwhile (nothing was changed)
 */
export function refuseOtherAdopter(there: OpenRun | undefined, given: OpenRun, executionArn: string): void {
  if (there?.executionArn === executionArn) return;
  const state = there === undefined ? 'it is not open any more' : `${there.executionArn} has it now`;
  const message = `Run ${given.runId} was to be taken over from ${given.executionArn}; ${state}. Nothing was changed. Look at the run: gapless evidence show ${given.runId}`;
  throw new Failure('FenceLost', message, 'none');
}

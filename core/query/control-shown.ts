import type { CheckedRun } from './answers';
import { mapping } from '../controls/mapping';
import { resolveLabel } from '../controls/resolve';

/** What a run shows of a control: every action of the mapping that the run says something of. */
export interface ControlShown {
  readonly state: 'shown' | 'not shown' | 'says nothing';
  readonly because: readonly string[];
}

/** Holds a run against the control that a policy's label cites. One action that is not satisfied is enough for `not shown`. */
export function controlShown(label: string, { shows }: Pick<CheckedRun, 'shows'>): ControlShown {
  const { controls, state } = resolveLabel(label);
  if (state === 'unknown')
    return { state: 'says nothing', because: ['no framework has a control of that label'] };
  const rows = mapping.filter((row) =>
    controls.some(({ framework, controlId }) => row.framework === framework && row.controlId === controlId),
  );
  const about = shows.filter(({ action }) => rows.some((row) => row.action === action));
  const failed = about.filter(({ result }) => result === 'not-satisfied');
  if (about.length === 0) return { state: 'says nothing', because: [] };
  const told = failed.length > 0 ? failed : about;
  return {
    state: failed.length > 0 ? 'not shown' : 'shown',
    because: told.map(({ action, because }) => `${action}: ${because}`),
  };
}

import { actions } from '../../controls/actions';
import { citation } from '../../controls/frameworks';
import type { ControlRow } from '../../controls/mapping';
import type { Demonstration } from '../../controls/demonstrated';
import type { ExportedRun } from '../exported-run';
import { oneLine } from '../one-line';
import { uuidOf } from '../uuid';
import { assessable, targetOf } from './controls';
import { prop, type Finding } from './model';
import { chainsUuid, stageUuid } from './observations';

/** One run's word on one control. */
interface Word {
  readonly row: ControlRow;
  readonly run: ExportedRun;
  readonly shown: Demonstration;
}

/**
 * One finding per control that a run of the period shows something of. A single run that does not show it is an
 * exception and makes the control not satisfied; the description names every exception.
 */
export function findingsOf(runs: readonly ExportedRun[], resultUuid: string): readonly Finding[] {
  const words = runs.flatMap((run) => run.shown.flatMap((shown) => wordsOf(run, shown)));
  return groups(words, ({ row }) => targetOf(row)['target-id']).map((about) => finding(about, resultUuid));
}

function wordsOf(run: ExportedRun, shown: Demonstration): readonly Word[] {
  return assessable.filter(({ action }) => action === shown.action).map((row) => ({ row, run, shown }));
}

function finding(words: readonly Word[], resultUuid: string): Finding {
  const [first] = words;
  if (!first) throw new RangeError('a finding needs the word of at least one run');
  const { row } = first;
  const target = targetOf(row);
  const exceptions = words.filter(({ shown }) => shown.result === 'not-satisfied');
  const state = exceptions.length === 0 ? 'satisfied' : 'not-satisfied';
  const cited = row.part === undefined ? citation(row) : `${citation(row)}, part ${row.part}`;
  const full = words.some((word) => word.row.strength === 'full');
  return {
    uuid: uuidOf('finding', resultUuid, target['target-id']),
    title: cited,
    description: describe(words, exceptions),
    props: [
      prop('framework', row.framework),
      prop('framework-version', row.version),
      prop('control-id', row.controlId),
      prop('strength', full ? 'full' : 'partial'),
      ...row.citedAs.map((as) => prop('cited-as', as)),
    ],
    target: { ...target, status: { state, reason: exceptions.length === 0 ? 'pass' : 'fail' } },
    'related-observations': [...new Set(words.flatMap(observed))].map((uuid) => ({
      'observation-uuid': uuid,
    })),
  };
}

function describe(words: readonly Word[], exceptions: readonly Word[]): string {
  const counts = groups(words, ({ row }) => row.action).map((said) => {
    const good = said.filter(({ shown }) => shown.result === 'satisfied').length;
    const title = said[0] ? actions[said[0].row.action].title : '';
    return `${title}: shown by ${good} of ${said.length} runs. ${said[0]?.row.rationale ?? ''}`;
  });
  const named = exceptions.map(({ run, shown }) =>
    oneLine(`Exception: run ${run.runId}, ${actions[shown.action].title}: ${shown.because}`),
  );
  return [...counts, ...named].join('\n');
}

function groups(words: readonly Word[], keyOf: (word: Word) => string): readonly (readonly Word[])[] {
  const found = new Map<string, Word[]>();
  for (const word of words) {
    const key = keyOf(word);
    const group = found.get(key);
    if (group) group.push(word);
    else found.set(key, [word]);
  }
  return [...found.values()];
}

function observed({ run, shown }: Word): readonly string[] {
  if (shown.action === 'evidenceRecord') return [chainsUuid(run)];
  return shown.records.map(({ stage }) => stageUuid(run.runId, stage));
}

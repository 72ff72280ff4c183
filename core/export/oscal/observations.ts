import type { EvidenceRecord } from '../../evidence/record';
import { brokenText, evidenceKey, type ExportedRecord, type ExportedRun } from '../exported-run';
import { oneLine } from '../one-line';
import { said } from '../said';
import { uuidOf } from '../uuid';
import { prop, type Component, type Observation } from './model';

type Readable = ExportedRecord & { readonly record: EvidenceRecord };

/** The observation a stage of a run became. */
export function stageUuid(runId: string, stage: string): string {
  return uuidOf('observation', runId, 'stage', stage);
}

/** The observation that a run's chains were verified again. */
export function chainsUuid({ runId, records }: ExportedRun): string {
  return uuidOf('observation', runId, 'chains', ...records.map(({ stored }) => stored.hash));
}

/** The identity a run is about, as a component that observations name. */
export function componentOf({ opened }: ExportedRun): Component | undefined {
  if (!opened) return undefined;
  const { id, kind, owner, environment } = opened.identity;
  return {
    uuid: uuidOf('component', opened.ledgerId, id),
    type: 'service',
    title: oneLine(id),
    description: `Machine identity of kind ${kind}, owned by ${owner}, environment ${environment ?? 'not stated'}.`,
    status: { state: 'operational' },
  };
}

/** One observation per stage, and one of the chains as a whole; `at` is when they were verified again. */
export function observationsOf(run: ExportedRun, at: string): readonly Observation[] {
  const readable = run.records.flatMap(({ stored, record }) => (record ? [{ stored, record }] : []));
  const stages = [...new Set(readable.map(({ record }) => record.stage))];
  return [
    ...stages.map((stage) => stageObservation(run, stage, readable)),
    chainsObservation(run, readable, at),
  ];
}

function stageObservation(run: ExportedRun, stage: string, readable: readonly Readable[]): Observation {
  const records = readable.filter(({ record }) => record.stage === stage);
  const judged = records.some(({ record }) => record.type === 'Judged');
  return {
    uuid: stageUuid(run.runId, stage),
    title: oneLine(`${stage} of run ${run.runId}`),
    description: records.map(({ record }) => oneLine(`${record.type}: ${said(record)}`)).join('\n'),
    props: [prop('run', run.runId), prop('stage', stage)],
    // A stage that judged presented a credential; of the others the records are all there is.
    methods: [judged ? 'TEST' : 'EXAMINE'],
    types: ['control-objective'],
    ...subjectsOf(run),
    'relevant-evidence': records.map(evidence),
    collected: records.reduce((newest, { record }) => (record.at > newest ? record.at : newest), ''),
  };
}

function chainsObservation(run: ExportedRun, readable: readonly Readable[], at: string): Observation {
  const broken = brokenText(run.check);
  return {
    uuid: chainsUuid(run),
    title: oneLine(`Chains of run ${run.runId} verified again`),
    description:
      broken === undefined
        ? `${run.records.length} records: every hash and link holds.`
        : `The chains do not verify. ${broken}`,
    props: [prop('run', run.runId), prop('chains', run.check.state)],
    methods: ['TEST'],
    types: ['control-objective'],
    ...subjectsOf(run),
    ...(readable.length > 0 && { 'relevant-evidence': readable.map(evidence) }),
    collected: at,
  };
}

function subjectsOf(run: ExportedRun): Pick<Observation, 'subjects'> {
  const component = componentOf(run);
  return component ? { subjects: [{ 'subject-uuid': component.uuid, type: 'component' }] } : {};
}

function evidence({ stored, record }: Readable): Required<Observation>['relevant-evidence'][number] {
  return {
    href: evidenceKey(record),
    description: `${record.type} record ${record.seq} of chain ${record.chain}`,
    props: [prop('sha-256-leaf-hash', stored.hash)],
  };
}

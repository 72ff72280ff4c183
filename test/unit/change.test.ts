import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryRegistry } from '../../adapters/memory/registry';
import type { VersionRow } from '../../core/credential';
import type { IdentityRow } from '../../core/ports/registry';
import type { RunState } from '../../core/run/state';
import { blankState } from '../../lambdas/steps/begin/state';
import { change } from '../../lambdas/steps/change';
import { enrolment, leaseOf } from '../contract/store-suite/stores';

const ID = 'orders-db';
const RUN = 'run-1';
const START = '2026-03-01T00:00:00.000Z';

type Stage = 'Promote' | 'PromoteBack';
const labelled = { Promote: 'AWSPREVIOUS', PromoteBack: 'AWSCURRENT' } as const satisfies Record<
  Stage,
  VersionRow['stage']
>;

const intentOf = (stage: Stage) => ({
  stage,
  controls: [],
  change: stage,
  versionId: 'v1',
  supersededId: null,
  versions: ({ versions }: IdentityRow) => versions.map((each) => ({ ...each, stage: labelled[stage] })),
});

/** An identity that a run holds, and the changing steps of that run. */
async function held() {
  const deps = {
    registry: memoryRegistry(),
    evidence: new MemoryEvidenceStore(),
    now: () => Date.parse(START),
    timeoutMs: 30_000,
    ledgerId: 'test',
    code: { functionName: 'test', version: '1', bundle: 'none' },
  };
  await deps.registry.enrol(enrolment(ID));
  const { row } = await deps.registry.claimLease(ID, leaseOf(RUN));
  let acts = 0;
  const act = async () => {
    acts += 1;
    return { effect: 'applied', versionId: 'v1' } as const;
  };
  const step = (run: RunState, stage: Stage, registry = deps.registry) =>
    change({ ...deps, registry }, run, intentOf(stage), act);
  const stage = async () => (await deps.registry.identity(ID))?.versions[0]?.stage;
  return { deps, start: blankState(row, RUN, START, row.fence), step, stage, acts: () => acts };
}

async function gone(): Promise<void> {
  throw new Error('the worker is gone');
}

it('a worker that died between its outcome and the version rows is made up for, and nothing is done twice', async () => {
  const { deps, start, step, stage, acts } = await held();
  const { registry } = deps;
  const dying = step(start, 'Promote', { ...registry, releaseBusy: gone });
  await expect(dying).rejects.toThrow('the worker is gone');
  await registry.releaseBusy(ID, start.fence);
  expect(await stage()).toBe('AWSCURRENT');
  await step(start, 'Promote');
  expect(await stage()).toBe('AWSPREVIOUS');
  expect(acts()).toBe(1);
});

it('a step that is repeated after the run went on leaves the version rows of later stages alone', async () => {
  const { start, step, stage, acts } = await held();
  const { run } = await step(start, 'Promote');
  await step(run, 'PromoteBack');
  await step(start, 'Promote');
  expect(await stage()).toBe('AWSCURRENT');
  expect(acts()).toBe(2);
});

import { performance } from 'node:perf_hooks';
import type { EvidenceRecord } from '../../core/evidence/record';
import { storyOf } from '../../lambdas/steps/heads';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { storeFirst } from '../../test/support/first-secrets';
import { memoryApp, type MemoryApp } from '../../test/support/memory-app';
import type { Subjects } from './kinds';

/** One revocation, in milliseconds of real time. */
export interface Sample {
  /** From the request to the closed, verified run, less what is waited for on purpose. */
  readonly beyondMs: number;
  /** From the change at the target to the first of the refusals that counted, on the slowest path. */
  readonly refusedMs: number;
  /** CPU of this process, which waits for no other: the pipeline and both ends of its stores. */
  readonly cpuMs: number;
}

/** Revokes identity after identity, each from its start to its verified end; the first `warmUp` are not counted. */
export async function measured(subjects: Subjects, warmUp: number): Promise<readonly Sample[]> {
  const { identities, connector } = subjects;
  const app = await memoryApp(
    identities.map(({ policy }) => policy),
    (deps) => ({ deps: { ...deps, connector }, died: new Promise(() => undefined) }),
  );
  try {
    for (const { secrets } of identities) storeFirst(app.vault, secrets);
    await enrol(app.deps);
    const samples: Sample[] = [];
    for (const index of identities.keys()) samples.push(await revoked(app, subjects, index));
    return samples.slice(warmUp);
  } finally {
    await app.stop();
  }
}

async function revoked(app: MemoryApp, subjects: Subjects, index: number): Promise<Sample> {
  const identityId = subjects.identities[index]?.id ?? '';
  const runId = `run-${index}`;
  await subjects.before(index);
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  await app.run('Revocation', runId, { identityId, reason: 'a measurement' });
  const tookMs = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  const { run, proof } = await storyOf(app.deps.evidence, runId);
  const summary = await app.deps.registry.summary(runId);
  if (summary?.outcome !== 'verified' || summary.level !== 'L4') {
    throw new Error(
      `${identityId}: the revocation ended ${summary?.outcome ?? 'open'} (${summary?.cause ?? 'no cause'}); want verified at L4`,
    );
  }
  return {
    beyondMs: tookMs - subjects.delayMs - subjects.windowMs,
    refusedMs: refusedAt(proof) - changedAt(run),
    cpuMs: (user + system) / 1_000,
  };
}

function changedAt(run: readonly EvidenceRecord[]): number {
  const made = run.find(({ type, stage }) => type === 'ChangeMade' && stage === 'Contain');
  return Date.parse(made?.at ?? '');
}

function refusedAt(proof: readonly EvidenceRecord[]): number {
  const judged = proof.findLast((record) => record.type === 'Judged');
  return Date.parse(judged?.firstStableRefusalAt ?? '');
}

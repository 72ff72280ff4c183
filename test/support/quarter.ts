import type { Actor } from '../../core/evidence/record';
import type { GaplessCloud } from './gapless-cloud';
import { reviewRunOf, runOf, writeRun } from './query-runs';

const DAY = 86_400;
const schedule: Actor = { type: 'schedule', id: 'schedule', assurance: 'verified' };
const alice: Actor = { type: 'breakGlass', id: 'AROA1:alice', assurance: 'verified' };
const bob: Actor = { type: 'person', id: 'AROA2:bob', assurance: 'verified' };

/** Writes what docs/questions.md asks about into a deployment's own tables, and lets its own Seal seal it. */
export async function writeQuarter(cloud: GaplessCloud): Promise<void> {
  const ledgerId = cloud.engine.outputs('GaplessWorkflow')['LedgerId'] ?? '';
  const of = { ledgerId, actor: schedule, controls: ['NIST-800-53-IA-5'] };
  const runs = [
    runOf({ ...of, runId: 'orders-march-1', at: 0, ends: 'verified' }),
    runOf({
      ...of,
      runId: 'reports-march-2',
      at: DAY,
      ends: 'verified',
      identity: 'reports-db',
      controls: [],
    }),
    runOf({ ...of, runId: 'orders-march-8', at: 7 * DAY, ends: 'aborted' }),
    runOf({
      ...of,
      runId: 'emergency-march-10',
      at: 9 * DAY,
      ends: 'aborted',
      kind: 'revocation',
      actor: alice,
    }),
    reviewRunOf({
      ...of,
      runId: 'review-march-10',
      at: 9 * DAY + 3_600,
      about: 'emergency-march-10',
      actor: bob,
    }),
    runOf({ ...of, runId: 'orders-april-5', at: 35 * DAY, ends: 'verified' }),
  ];
  for (const chains of runs) await writeRun(cloud, chains);
  const far = '2099-01-01T00:00:00.000Z';
  await cloud.registry.openObligation({
    identityId: 'orders-db',
    versionId: 'old',
    remoteId: 'orders_app',
    type: 'refusal',
    by: 'revocation',
    runId: 'emergency-march-10',
    openedAt: '2026-03-10T00:00:10.000Z',
    deadline: far,
    nextAttemptAt: far,
    attempts: 3,
    why: 'the target did not answer',
  });
  for (let minute = 0; minute < 3; minute += 1) await cloud.engine.advance(60_000);
}

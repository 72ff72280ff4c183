import { randomUUID } from 'node:crypto';
import type { KindActor } from '../../local/demo/kinds';
import { begin } from '../by-hand';
import { watchRun } from '../watch/run';
import { revokeIt, type EmergencyStage } from './emergency';
import { reportOf, type ReportedRun } from './report';

/** Rotates the identity of every further kind once, then revokes it; each run is reported like the others. */
export async function showKinds(stage: EmergencyStage): Promise<readonly ReportedRun[]> {
  const reports: ReportedRun[] = [];
  for (const actor of stage.scene.kinds) {
    stage.terminal.progress(`\n${kindOf(actor)}, on ${actor.server}:`);
    reports.push(await rotateIt(stage, actor));
    await says(stage, actor);
    await inStep(stage, actor);
    const { id, policy } = actor.identity;
    const leaked = { id, secret: policy.secret, reason: 'a copy of it was found' };
    reports.push(await revokeIt(stage, leaked));
  }
  return reports;
}

async function rotateIt(stage: EmergencyStage, actor: KindActor): Promise<ReportedRun> {
  const { scene, stores, terminal, connection } = stage;
  const { id, policy } = actor.identity;
  await inStep(stage, actor);
  const input = { identityId: id, reason: 'one of every kind' };
  const started = { machine: 'rotation', runId: randomUUID(), actor: 'demo', input } as const;
  const { executionArn } = await begin(stores, connection, started);
  const run = await watchRun({ ...stores, terminal }, executionArn);
  return reportOf(run, { meter: scene.meter, secret: policy.secret, consumerFailures: null });
}

async function inStep({ scene }: EmergencyStage, actor: KindActor): Promise<void> {
  await actor.inStep(scene.engine.clock.now());
}

async function says({ terminal }: EmergencyStage, actor: KindActor): Promise<void> {
  terminal.progress(
    `  ${'the server says'.padEnd(22)}to the old credential, just now: ${await actor.asked()}`,
  );
}

function kindOf({ identity }: KindActor): string {
  return String(identity.policy['kind']);
}

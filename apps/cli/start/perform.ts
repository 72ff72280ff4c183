import { httpConsumers } from '../../../adapters/http/consumer-client';
import { verifyStoredRun, type RunCheck } from '../../../core/evidence/verify';
import type { Actor, Scene } from '../../local/demo/scene';
import type { Stores } from '../stores';
import type { WatchedRun } from '../watch/run';
import { showKinds } from './kinds';
import { passTime } from './pace';
import { chainOf, reportOf, type ChainReport, type ReportedRun } from './report';
import { showEmergency, type Attacked, type EmergencyStage } from './emergency';
import { Watchers } from './watchers';

const CONSUMER_TIMEOUT_MS = 5_000;

/** What the demo showed. */
export interface Performance {
  readonly runs: readonly ReportedRun[];
  readonly chain: ChainReport;
  /** What the attacker got; absent when there was no emergency this time. */
  readonly attacker: Attacked | undefined;
}

export interface Stage extends EmergencyStage {
  readonly machines: { readonly Rotation: string; readonly Settle: string };
}

/**
 * Lets time pass until the schedule has rotated every identity and nothing is left to settle, then revokes another one,
 * and shows the further kinds, if any; reports each run on the way.
 */
export async function perform(stage: Stage): Promise<Performance> {
  const { scene, stores, terminal, machines } = stage;
  const counters = new Counters(scene.actors);
  await counters.begin();
  const reports: ReportedRun[] = [];
  const ended = async (run: WatchedRun) => {
    reports.push(await counters.report(run, scene));
    await reopen(stage);
  };
  const watchers = new Watchers({ stores, terminal, machines, ended });
  await watchers.start();
  try {
    const { engine } = scene;
    await passTime(
      {
        engine,
        registry: stores.registry,
        activity: () => watchers.activity(),
        look: () => watchers.look(),
      },
      async () => {
        return (
          everyoneRotated(scene, reports) && watchers.activity() === 'none' && (await nothingLeft(stores))
        );
      },
    );
  } finally {
    watchers.stop();
  }
  const emergency = await showEmergency(stage);
  if (emergency) reports.push(emergency.run);
  reports.push(...(await showKinds(stage)));
  return { runs: reports, chain: await verified(stores, reports), attacker: emergency?.attacker };
}

function everyoneRotated({ actors }: Scene, reports: readonly ReportedRun[]): boolean {
  const rotations = reports.filter(({ kind }) => kind === 'rotation');
  return actors.every(({ identity }) => rotations.some((run) => run.identity === identity.id));
}

/** No run without its end, and nothing owed. */
async function nothingLeft({ registry }: Stores): Promise<boolean> {
  const [runs, owed] = await Promise.all([registry.openRuns(), registry.openObligations(1)]);
  return runs.length === 0 && owed.length === 0;
}

/** Once the run that met a shut gate is over, the target answers again, and Settle is left alone with the rest. */
async function reopen({ scene, terminal }: Stage): Promise<void> {
  if (scene.gate?.isShut() !== true) return;
  await scene.gate.open();
  terminal.progress('\nThe target answers again. Time moves on, and Settle finishes what is owed by itself.');
}

async function verified({ evidence }: Stores, reports: readonly ReportedRun[]): Promise<ChainReport> {
  const checks = new Map<string, RunCheck>();
  for (const { runId } of reports) checks.set(runId, await verifyStoredRun(evidence, runId));
  return chainOf(checks);
}

/** The workers' own counts of failed calls, before and after. */
class Counters {
  readonly #consumers = httpConsumers();
  readonly #before = new Map<string, number>();

  constructor(private readonly actors: readonly Actor[]) {}

  async begin(): Promise<void> {
    for (const { identity, worker } of this.actors)
      this.#before.set(identity.id, await this.#failures(identity.consumer, worker.url));
  }

  /** Failures since the last report of this identity. */
  async report(run: WatchedRun, { meter }: Pick<Scene, 'meter'>): Promise<ReportedRun> {
    const actor = this.actors.find(({ identity }) => identity.id === run.identityId);
    if (!actor) return reportOf(run, { meter, secret: '', consumerFailures: null });
    const { identity, worker } = actor;
    const now = await this.#failures(identity.consumer, worker.url);
    const before = this.#before.get(identity.id) ?? 0;
    this.#before.set(identity.id, now);
    return reportOf(run, { meter, secret: identity.secret, consumerFailures: now - before });
  }

  async #failures(id: string, url: string): Promise<number> {
    const seen = await this.#consumers.observe({ id, url, allowPrivate: true }, CONSUMER_TIMEOUT_MS);
    return seen.failedCalls ?? 0;
  }
}

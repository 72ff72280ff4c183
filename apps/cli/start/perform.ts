import { httpConsumers } from '../../../adapters/http/consumer-client';
import { verifyStoredRun, type RunCheck } from '../../../core/evidence/verify';
import type { Breakage } from '../../local/demo/breakage';
import type { Actor, Scene } from '../../local/demo/scene';
import type { Terminal } from '../output/terminal';
import type { Stores } from '../stores';
import type { WatchedRun } from '../watch/run';
import { passTime } from './pace';
import { chainOf, reportOf, type ChainReport, type ReportedRun } from './report';
import { Watchers } from './watchers';

const CONSUMER_TIMEOUT_MS = 5_000;

/** What the demo showed. */
export interface Performance {
  readonly runs: readonly ReportedRun[];
  readonly chain: ChainReport;
}

export interface Stage {
  readonly scene: Scene;
  readonly stores: Stores;
  readonly terminal: Terminal;
  readonly breakage: Breakage | undefined;
  readonly machines: { readonly Rotation: string; readonly Settle: string };
}

/** Lets time pass until the schedule has rotated every identity, and reports each run that this took. */
export async function perform(stage: Stage): Promise<Performance> {
  const { scene, stores } = stage;
  const counters = new Counters(scene.actors);
  await counters.begin();
  const reports: ReportedRun[] = [];
  const ended = async (run: WatchedRun) => {
    reports.push(await counters.report(run, scene));
    if (run.opened?.kind === 'rotation' && !scene.gateIsOpen()) await reopen(stage);
  };
  const watchers = new Watchers({ stores, terminal: stage.terminal, machines: stage.machines, ended });
  watchers.start();
  try {
    const pace = { engine: scene.engine, registry: stores.registry, activity: () => watchers.activity() };
    await passTime(pace, () => everyoneRotated(scene, reports) && watchers.activity() === 'none');
    if (stage.breakage !== undefined) await settle(stage, watchers, pace);
  } finally {
    watchers.stop();
  }
  return { runs: reports, chain: await verified(stores, reports) };
}

function everyoneRotated({ actors }: Scene, reports: readonly ReportedRun[]): boolean {
  return actors.every(({ identity }) => reports.some((run) => run.kind === 'rotation' && run.identity === identity.id));
}

async function reopen({ scene, terminal }: Stage): Promise<void> {
  await scene.gate?.open();
  terminal.progress('\nThe target answers again; nobody lends a hand from here on.');
}

/** What a run left owed is paid by Settle, on its own; time passes until it is. */
async function settle({ stores }: Stage, watchers: Watchers, pace: Parameters<typeof passTime>[0]): Promise<void> {
  const left = await stores.registry.openObligations(10);
  if (left.length === 0) return;
  let open = left.length;
  const looking = { ...pace, activity: () => watchers.activity() };
  await passTime(looking, () => open === 0);
  open = 0;
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
    for (const { identity, worker } of this.actors) this.#before.set(identity.id, await this.#failures(identity.consumer, worker.url));
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

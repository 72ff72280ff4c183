import type { Material } from '../../../core/material';
import { enrol } from '../../../lambdas/steps/sweep/enrol';
import { memoryApp, type MemoryApp } from '../../support/memory-app';
import { leads, nameOf, type Case, type Fault } from './fault';
import { Journal } from './journal';
import { falselyGreen, violationsOf, type Rested } from './oracle/oracle';
import type { Violation } from './oracle/violation';
import { Striker, type Watch } from './striker';
import { watching } from './watching';
import type { TrialIdentity, World } from './world';

/** What became of one trial. */
export interface Result {
  readonly name: string;
  readonly strategy: string;
  /** Whether every fault struck; a case whose state does not do what the fault needs proves nothing. */
  readonly met: 'all' | 'some' | 'none';
  readonly outcome: string;
  readonly samples: number;
  readonly violations: readonly Violation[];
}

const RUN = 'the-run';
const ROUND_MS = 10 * 60_000;
const ARN = 'arn:aws:states:us-east-1:111111111111:execution';

/** The lead is nothing that a case puts in question, so it is not one of its faults. */
function withLead({ machine, faults }: Case): readonly Fault[] {
  const forward = faults.filter(({ way }) => way === 'forward');
  const back = faults.filter(({ way }) => way === 'back');
  if (back.length === 0 || forward.some(({ kind }) => kind === 'refused-for-good')) return faults;
  const lead = {
    machine,
    state: leads[machine],
    way: 'forward',
    kind: 'refused-for-good',
    deliveries: 1,
  } as const;
  return [...forward, lead, ...back];
}

/** Runs one machine with the faults of a case in it, lets time pass and Settle look, and asks the oracle. */
export async function runTrial(world: World, strategy: string, trial: Case, id: string): Promise<Result> {
  const identity = await world.seed(id, strategy);
  const journal = new Journal();
  const heard = console.log;
  console.log = (line: unknown) => void journal.lines.push(String(line));
  try {
    return await performed(world, identity, strategy, trial, journal);
  } finally {
    console.log = heard;
    await identity.end();
  }
}

async function performed(
  { derivedMs }: World,
  identity: TrialIdentity,
  strategy: string,
  trial: Case,
  journal: Journal,
): Promise<Result> {
  const { machine } = trial;
  const materials = new Map<string, Material>();
  const holder: { app?: MemoryApp } = {};
  const app = () => holder.app ?? missing();
  const pass = async (ms: number) => app().clock.advance(ms);
  const faults = withLead(trial);
  const watch = abreast(
    identity,
    app,
    watching(identity, machine, journal, materials, () => app().deps.vault),
  );
  const striker = new Striker(faults, app, watch, pass);
  const own = { connector: identity.connector, sleep: pass };
  holder.app = await memoryApp([identity.policy], (deps, event) =>
    striker.around({ ...deps, ...own }, event),
  );
  await pass(Math.max(0, identity.startsAt - app().clock.now()));
  const rested = await started(identity, machine, app(), journal, materials);
  await app().passing(app().run(machine, RUN, { identityId: identity.id, reason: 'a trial' }));
  await striker.over();
  const early = await greenViolations(rested);
  await striker.late({ ...app().deps, ...own });
  await settled(app(), machine, identity, derivedMs);
  await identity.reach(app().clock.now());
  const violations = [...early, ...(await violationsOf({ ...rested, executions: app().executions() }))];
  const outcome = (await app().deps.registry.summary(RUN))?.outcome ?? 'never opened';
  await app().stop();
  const met = striker.met >= faults.length ? 'all' : striker.met === 0 ? 'none' : 'some';
  return { name: nameOf(trial), strategy, met, outcome, samples: journal.samples, violations };
}

/** Stores what the identity begins with, and what the oracle will want to know of it. */
export async function started(
  identity: TrialIdentity,
  machine: Case['machine'],
  app: MemoryApp,
  journal: Journal,
  materials: Map<string, Material>,
): Promise<Rested> {
  identity.store(app.vault);
  const { versionId, material } = await app.vault.readCurrent(identity.secret);
  materials.set(versionId, material);
  await enrol(app.deps);
  const baseline = await identity.objects(material);
  return { machine, app, identity, journal, materials, baseline, executions: [] };
}

/** The same watch; the target's clock is never behind the app's when it is asked something. */
function abreast(identity: TrialIdentity, app: () => MemoryApp, watch: Watch): Watch {
  return async (call, perform, stage) =>
    watch(
      call,
      async () => {
        if (call.port === 'target' || call.port === 'probe') await identity.reach(app().clock.now());
        return perform();
      },
      stage,
    );
}

/** An execution that ended green, or a summary that says verified, is held to it at once. */
async function greenViolations(rested: Rested): Promise<readonly Violation[]> {
  const { app, machine, identity } = rested;
  await identity.reach(app.clock.now());
  const { status } = app.states.record(`${ARN}:${machine}:${RUN}`);
  const said = (await app.deps.registry.summary(RUN))?.outcome;
  return status === 'SUCCEEDED' || said === 'verified' ? falselyGreen(rested) : [];
}

/**
 * Rounds of Settle, ten minutes apart, until nothing is open or owed; a dead principal may never be removable. Where
 * what lives on can only be waited for, that long is waited halfway.
 */
export async function settled(
  app: MemoryApp,
  machine: Case['machine'],
  { id }: TrialIdentity,
  derivedMs: number,
): Promise<void> {
  const { registry } = app.deps;
  for (let round = 0; round < 20; round += 1) {
    const owed = await registry.obligationsOf(id);
    const left = owed.filter(({ type }) => machine === 'Rotation' || type !== 'removal');
    if (left.length === 0 && (await registry.openRuns()).length === 0) return;
    await app.clock.advance(round === 10 ? Math.max(derivedMs, ROUND_MS) : ROUND_MS);
    await app.passing(app.settle());
  }
}

function missing(): never {
  throw new Error('the app of a trial was asked for before it was built');
}

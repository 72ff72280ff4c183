import { format } from 'node:util';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { sharedAssembly } from '../support/assembly';
import { leaks, type Sink } from '../support/canary-scan';
import { sinksOf } from '../support/canary-sinks';
import { canaryTargets, type CanaryKind, type CanaryTarget } from '../support/canary-targets';
import { canaryTrials, type CanaryTrial } from '../support/canary-trials';
import { CanaryWatch } from '../support/canary-watch';
import { memoryApp, type MemoryApp } from '../support/memory-app';

jest.mock('../../net/pinned-request', () => {
  const net = jest.requireActual<typeof import('../../net/pinned-request')>('../../net/pinned-request');
  const { overWire } = jest.requireActual<typeof import('../support/canary-wire')>('../support/canary-wire');
  const sendPinned: typeof net.sendPinned = (...asked) => overWire(net.sendPinned, ...asked);
  return { ...net, sendPinned };
});

const kinds = Object.keys(canaryTargets).filter((kind): kind is CanaryKind => kind in canaryTargets);
const sound: CanaryTrial = { machine: 'Rotation', stage: 'none', at: 'nothing' };

let logged: string[] = [];
beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    jest.spyOn(console, method).mockImplementation((...said) => void logged.push(format(...said)));
  await sharedAssembly();
}, 120_000);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  logged = [];
});
afterAll(() => jest.restoreAllMocks());

interface Scene {
  readonly app: MemoryApp;
  readonly watch: CanaryWatch;
  readonly target: CanaryTarget;
}

const nameOf = (trial: CanaryTrial) =>
  `${trial.machine.toLowerCase()}-${trial.stage.toLowerCase()}-${trial.at}-${canaryTrials.indexOf(trial)}`;

/** A server, an identity on it for each trial, and an app over all of them. */
async function scene(kind: CanaryKind): Promise<Scene> {
  const target: CanaryTarget = await canaryTargets[kind]();
  endings.push(async () => target.stop());
  const identities = [];
  for (const trial of canaryTrials) identities.push(await target.identity(nameOf(trial)));
  let ahead = 0;
  const align = async () => {
    const lag = app.clock.now() - Date.now() - ahead;
    if (lag < 100) return;
    ahead += lag;
    await target.advance(lag);
  };
  const watch = new CanaryWatch(target, { align, sleep: async (ms) => app.clock.advance(ms) });
  const app = await memoryApp(
    identities.map(({ policy }) => policy),
    (deps, event) => watch.around(deps, event),
  );
  endings.push(async () => app.stop());
  for (const identity of identities) {
    identity.store(app.vault);
    for (const use of ['', '/admin', '/control'])
      watch.learn((await app.vault.readCurrent(`gapless/${identity.id}${use}`)).material);
  }
  await enrol(app.deps);
  return { app, watch, target };
}

/** Runs one trial. @returns what is wrong with it: its state has to be failed, or the run to be verified */
async function wrongWith({ app, watch }: Scene, trial: CanaryTrial): Promise<readonly string[]> {
  const from = logged.length;
  Object.assign(watch, { trial, struck: 0 });
  const name = nameOf(trial);
  await app.passing(app.run(trial.machine, name, { identityId: name, reason: 'a trial' }));
  watch.trial = sound;
  const { struck } = watch;
  const outcome = (await app.deps.registry.summary(name))?.outcome;
  if (trial.at === 'nothing') return outcome === 'verified' ? [] : [`${name} ended ${outcome}`];
  const failed = logged.slice(from).some((line) => isErrorOf(line, trial.stage));
  // An emergency goes on without the evidence table, and without what it could not remove.
  const goesOn = trial.at === 'evidence' || name.startsWith('revocation-remove');
  return struck > 0 && (failed || goesOn) ? [] : [`${name} was failed ${struck} times and ended ${outcome}`];
}

const isErrorOf = (line: string, stage: string) =>
  line.startsWith('{"level":"error"') && line.includes(`"stage":"${stage}"`);

/** Every place that a secret could have come to. */
async function placesOf({ app, watch, target }: Scene): Promise<readonly Sink[]> {
  return [
    ...(await sinksOf(app)),
    { name: 'logs', text: logged.join('\n') },
    { name: 'ports', text: watch.heard.join('\n') },
    ...target.logs(),
  ];
}

/** The places in which no run and no identity of a trial is named: nothing shows that the search reaches those. */
function silentAmong(sinks: readonly Sink[]): readonly string[] {
  const names = canaryTrials.map((trial) => nameOf(trial));
  // Roles of PostgreSQL have no hyphens.
  const runs = new Map(
    [...names, ...names.map((name) => name.replaceAll('-', '_'))].map((name) => [name, name]),
  );
  return sinks.filter((sink) => leaks([sink], runs).length === 0).map(({ name }) => name);
}

it.each(kinds)(
  'no secret of %s leaves the vault and the target, whichever state of a rotation or of an emergency fails',
  async (kind) => {
    const that = await scene(kind);
    const { app, watch } = that;
    for (const trial of canaryTrials) expect(await wrongWith(that, trial)).toEqual([]);
    await app.clock.advance(10 * 60_000);
    await app.passing(app.settle());
    const sinks = await placesOf(that);
    process.stdout.write(
      `${kind}: ${watch.secrets.size} secrets looked for in ${sinks.length} places, ${sinks.reduce((sum, { text }) => sum + text.length, 0)} characters\n`,
    );
    // An answer of counts alone.
    expect(silentAmong(sinks)).toEqual(['answer census']);
    expect(leaks(sinks, watch.secrets)).toEqual([]);
  },
  300_000,
);

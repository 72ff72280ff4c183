import { format } from 'node:util';
import { sharedAssembly } from '../support/assembly';
import { leaks, type Sink } from '../support/canary-scan';
import { sinksOf } from '../support/canary-sinks';
import { canaryScene, type CanaryScene } from '../support/canary-scene';
import { canaryTargets, type CanaryKind } from '../support/canary-targets';
import { canaryTrials, type CanaryTrial } from '../support/canary-trials';

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

const nameOf = (trial: CanaryTrial) =>
  `${trial.machine.toLowerCase()}-${trial.stage.toLowerCase()}-${trial.at}-${canaryTrials.indexOf(trial)}`;

/** Runs one trial. @returns what is wrong with it: its state has to be failed, or the run to be verified */
async function wrongWith({ app, watch }: CanaryScene, trial: CanaryTrial): Promise<readonly string[]> {
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
async function placesOf({ app, watch, target }: CanaryScene): Promise<readonly Sink[]> {
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
    const that = await canaryScene(kind, canaryTrials.map(nameOf));
    endings.push(async () => that.stop());
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

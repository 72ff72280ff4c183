import { format } from 'node:util';
import { nameOf } from '../../lambdas/steps/settle/name';
import { alice, bob, peopleAround } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { leaks } from '../support/canary-scan';
import { canaryScene, type CanaryScene } from '../support/canary-scene';
import { sinksOf } from '../support/canary-sinks';
import type { CanaryTrial } from '../support/canary-trials';

jest.mock('../../net/pinned-request', () => {
  const net = jest.requireActual<typeof import('../../net/pinned-request')>('../../net/pinned-request');
  const { overWire } = jest.requireActual<typeof import('../support/canary-wire')>('../support/canary-wire');
  const sendPinned: typeof net.sendPinned = (...asked) => overWire(net.sendPinned, ...asked);
  return { ...net, sendPinned };
});

// canary-kinds.test.ts fails the states of Rotation and Revocation; here fail those of everything around them.

const sound: CanaryTrial = { machine: 'Rotation', stage: 'none', at: 'nothing' };
const approval = { rotation: 'required' };
const ids = ['plain', 'undecided', 'superseded', 'reissued'] as const;

let logged: string[] = [];
let that: CanaryScene;
beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    jest.spyOn(console, method).mockImplementation((...said) => void logged.push(format(...said)));
  await sharedAssembly();
  that = await canaryScene('http-api-key', ids, { undecided: { approval } });
}, 180_000);
afterAll(async () => {
  jest.restoreAllMocks();
  await that.stop();
});

/** Fails a state while the work goes on. @returns whether it was met, and whether its step said so */
async function failing(stage: string, at: CanaryTrial['at'], work: () => Promise<unknown>) {
  const from = logged.length;
  Object.assign(that.watch, { trial: { machine: 'Rotation', stage, at }, struck: 0 });
  await work();
  const { struck } = that.watch;
  that.watch.trial = sound;
  const isTold = (line: string) => line.startsWith('{"level":"error"') && line.includes(`"stage":"${stage}"`);
  return { struck: struck > 0, told: logged.slice(from).some(isTold) };
}

const struckAndTold = { struck: true, told: true };
const ran = async (...[machine, name, input]: Parameters<CanaryScene['app']['run']>) =>
  that.app.passing(that.app.run(machine, name, input));
const superseding = async () =>
  ran('Rotation', 'superseding', { identityId: 'superseded', reason: 'a trial' });

const bulk = (name: string) => () =>
  ran('BulkRevocation', name, { select: { ids: ['plain'] }, reason: 'a trial' });
/** A revocation, and the rotation that it starts at its end. */
async function reissued(): Promise<void> {
  const name = 'with-reissue';
  await ran('Revocation', name, { identityId: 'reissued', reason: 'a trial', reissue: true });
  const arn = `arn:aws:states:us-east-1:111111111111:execution:Rotation:${nameOf('reissue', name)}`;
  await that.app.passing(that.app.states.finished(arn));
}

/** A rotation that another person approves while it waits. */
async function approved(identityId: string): Promise<void> {
  const people = peopleAround(that.app, identityId);
  const body = { identityId, reason: 'a trial' };
  const runId = String((await people.call('requests', alice, 'POST', '/rotations', body)).body['runId']);
  const { approvalId, requestSha256 } = await people.waiting(runId);
  await people.call('decisions', bob, 'POST', `/approvals/${approvalId}/approve`, { requestSha256 });
  await people.ended(runId);
}

/** Lets time pass and Settle look, as often as it takes until what failed is tried again. */
async function settledOften(): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await that.app.clock.advance(10 * 60_000);
    await that.app.passing(that.app.settle());
  }
}

it('no secret leaves the vault and the target, whichever state of the other machines fails', async () => {
  for (const stage of ['Enrol', 'DueList'])
    expect(await failing(stage, 'ports', () => ran('Sweep', `sweep-${stage}`, {}))).toEqual(struckAndTold);
  // A reissue, which StartReissue starts, always asks a second person.
  expect(await failing('Approve', 'ports', reissued)).toEqual(struckAndTold);
  expect(await failing('Approved', 'ports', () => approved('undecided'))).toEqual(struckAndTold);
  expect(await failing('Retire', 'target', superseding)).toEqual(struckAndTold);
  for (const stage of ['Begin', 'Reassert'])
    expect(await failing(stage, 'ports', settledOften)).toEqual(struckAndTold);
  expect(await failing('OpenBulk', 'ports', bulk('unopened'))).toEqual(struckAndTold);
  expect(await failing('CloseBulk', 'ports', bulk('unclosed'))).toEqual(struckAndTold);
  await settledOften();

  const { app, watch } = that;
  const sinks = [
    ...(await sinksOf(app)),
    { name: 'logs', text: logged.join('\n') },
    { name: 'ports', text: watch.heard.join('\n') },
  ];
  process.stdout.write(`${watch.secrets.size} secrets looked for in ${sinks.length} places\n`);
  expect(leaks(sinks, watch.secrets)).toEqual([]);
}, 300_000);

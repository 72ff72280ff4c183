import { removeProject } from '../support/cli';
import {
  endedEmergency,
  expectAttackerOut,
  revocationOf,
  startOnce,
  type Started,
} from '../support/start-scene';

const breakages = ['stale-session', 'wrong-candidate', 'unreachable-target'] as const;
type Breakage = (typeof breakages)[number];

const starts = new Map<Breakage, Started>();

beforeAll(async () => {
  for (const breakage of breakages) starts.set(breakage, await startOnce('--break', breakage));
}, 900_000);
afterAll(() => Promise.all([...starts.values()].map(({ folder }) => removeProject(folder))));

function startOf(breakage: Breakage): Started {
  const start = starts.get(breakage);
  if (!start) throw new Error(`${breakage} was not started`);
  return start;
}

describe('npm start -- --break', () => {
  it.each([
    [
      'stale-session',
      'notices the consumer that stays behind, and puts the old credential back',
      'ConsumersBehind',
    ],
    ['wrong-candidate', 'refuses what does not log in, before anybody depends on it', 'NewNotAccepted'],
  ] as const)('%s: %s', (breakage, _claim, causeCode) => {
    const { shown, ended } = startOf(breakage);
    expect(shown.runs[0]).toMatchObject({ outcome: 'rolled-back', causeCode, consumerFailures: 0 });
    expect(shown.break?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(ended.code).toBe(3);
  });

  it('unreachable-target: does not guess, and Settle finishes what is owed once the target answers', () => {
    const { runs, break: seen } = startOf('unreachable-target').shown;
    const [rotation, ...settled] = runs;
    expect(rotation?.outcome).not.toBe('verified');
    expect(rotation?.causeCode).toBe('Inconclusive');
    expect(settled.map(({ kind, outcome }) => `${kind} ${outcome}`)).toContain('settle verified');
    expect(seen?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(startOf('unreachable-target').ended.code).toBe(6);
  });

  it.each(breakages)('%s: leaves chains that verify and says what to do next', (what) => {
    const { chain, break: seen } = startOf(what).shown;
    expect(chain.verified).toBe(true);
    expect(seen?.nextStep).not.toBe('');
  });

  it.each(breakages)('%s: the emergency beside it ends verified, and the attacker is out', (what) => {
    const { shown } = startOf(what);
    expect(revocationOf(shown)).toMatchObject(endedEmergency);
    expectAttackerOut(shown);
  });
});

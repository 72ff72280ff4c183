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
  it('stale-session: notices the consumer that stays behind, and puts the old credential back', () => {
    const { runs, break: seen } = startOf('stale-session').shown;
    expect(runs[0]).toMatchObject({
      outcome: 'rolled-back',
      causeCode: 'ConsumersBehind',
      consumerFailures: 0,
    });
    expect(seen?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(startOf('stale-session').ended.code).toBe(3);
  });

  it('wrong-candidate: refuses a candidate that does not log in, before anybody depends on it', () => {
    const { runs, break: seen } = startOf('wrong-candidate').shown;
    expect(runs[0]).toMatchObject({
      outcome: 'rolled-back',
      causeCode: 'NewNotAccepted',
      consumerFailures: 0,
    });
    expect(seen?.liveLogin).toMatchObject({ state: 'accepted', role: 'orders_app_a' });
    expect(startOf('wrong-candidate').ended.code).toBe(3);
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

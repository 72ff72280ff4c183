import type { FaultAction, FaultPhase, FaultPoint } from '../../apps/local/faults';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { alive, livingViolations } from '../support/revocation-oracle';

/** The task states of Revocation, each met by each fault; the worker is a real one, behind the wire protocols. */
const steps = ['Open', 'Contain', 'ProveRefused', 'Remove', 'Close'] as const;

interface Fault {
  readonly name: string;
  readonly phase: FaultPhase;
  readonly action: FaultAction;
}

const faults: readonly Fault[] = [
  { name: 'its worker dies before it begins', phase: 'before', action: { do: 'kill' } },
  { name: 'its worker dies when it is done', phase: 'after', action: { do: 'kill' } },
  { name: 'its answer is lost, so that it runs into its time limit', phase: 'after', action: { do: 'drop' } },
  { name: 'it is delivered twice', phase: 'before', action: { do: 'duplicate' } },
];

interface Trial {
  readonly step: (typeof steps)[number];
  readonly fault: Fault;
  readonly runId: string;
  readonly identity: SeededIdentity;
}

let server: TestPostgres;
let cloud: GaplessCloud;
const trials = new Map<string, Trial>();

beforeAll(async () => {
  server = await testPostgres();
  for (const [s, step] of steps.entries()) {
    for (const [f, fault] of faults.entries()) {
      const identity = await seedIdentity(server, { id: `emergency-${s}-${f}`, strategy: 'alternating' });
      trials.set(`${step}, ${fault.name}`, { step, fault, runId: `run-${s}-${f}`, identity });
    }
  }
  cloud = await gaplessCloud([...trials.values()].map(({ identity }) => identity));
}, 240_000);
afterAll(async () => {
  await cloud?.remove();
  await server?.stop();
});

/** The fault of a trial at its step's first invocation. */
function armed({ step, fault, runId }: Trial): { readonly met: () => number } {
  let met = 0;
  cloud.faults.at = async (point: FaultPoint) => {
    if (met > 0 || point.boundary !== 'task' || point.phase !== fault.phase) return undefined;
    if (point.stateName !== step || !point.execution.endsWith(`:${runId}`)) return undefined;
    met += 1;
    return fault.action;
  };
  return { met: () => met };
}

describe('an emergency revocation on the engine', () => {
  it.each(steps.flatMap((step) => faults.map((fault) => `${step}, ${fault.name}`)))(
    'is green only when everything is dead, and dead in the end: %s',
    async (name) => {
      const trial = trials.get(name);
      if (!trial) throw new Error(`no trial ${name}`);
      const { identity, runId } = trial;
      const { met } = armed(trial);
      await cloud.start('Revocation', runId, { identityId: identity.id, reason: 'a trial' });
      await cloud.ended('Revocation', runId);
      expect(met()).toBe(1);
      if ((await cloud.registry.summary(runId))?.outcome === 'verified')
        expect(await alive(cloud, server, identity)).toEqual([]);
      await cloud.untilSettled([identity.id], 4);
      expect(await livingViolations(cloud, server, identity)).toEqual([]);
      expect((await cloud.registry.summary(runId))?.outcome).toBe('verified');
    },
    180_000,
  );
});

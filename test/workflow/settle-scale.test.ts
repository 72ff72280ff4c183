import { parseRecord } from '../../core/evidence/record';
import type { Executions } from '../../core/ports/executions';
import type { Obligation } from '../../core/ports/registry';
import { settle } from '../../lambdas/steps/settle/run';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { sharedAssembly } from '../support/assembly';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { quietSteps } from '../support/quiet';
import { unreachedPolicy } from '../support/unreached-policy';

quietSteps();

const MANY = 1_000;
const MINUTE = 60_000;

let app: MemoryApp;
beforeAll(async () => void (await sharedAssembly()), 180_000);
afterEach(async () => app.stop());

const ids = Array.from({ length: MANY }, (_, index) => `orders-${String(index).padStart(4, '0')}`);

/** So many identities, each owing one refusal whose deadline is a millisecond after that of the one before. */
async function allOwing(): Promise<ReadonlyMap<string, string>> {
  app = await memoryApp(ids.map(unreachedPolicy));
  await enrol(app.deps);
  const at = (ms: number) => new Date(app.clock.now() + ms).toISOString();
  const deadlines = new Map(ids.map((id, index) => [id, at(5 * MINUTE + index)]));
  for (const identityId of ids) {
    const owed: Obligation = {
      identityId,
      versionId: 'version-1',
      remoteId: 'orders_app',
      type: 'refusal',
      by: 'revocation',
      runId: `revocation-of-${identityId}`,
      openedAt: at(0),
      deadline: deadlines.get(identityId),
      nextAttemptAt: at(MINUTE),
      attempts: 0,
      why: 'revoked',
    };
    await app.deps.registry.openObligation(owed);
  }
  const marker = {
    identityId: ids[0] ?? '',
    kind: 'rotation',
    executionArn: 'dead',
    openedAt: at(0),
  } as const;
  await app.deps.registry.openRun({ runId: 'run-that-died', ...marker, adoptions: 0 });
  return deadlines;
}

/** What one look did in its order, and how many deadlines it recorded at once at most. */
async function looked() {
  const did: string[] = [];
  const breaches = new Map<string, string>();
  let now = 0;
  let atOnce = 0;
  const executions: Executions = {
    start: async (_machine, _name, input) => {
      did.push(`start ${JSON.stringify(input)}`);
      return 'started';
    },
    status: async () => 'ended',
  };
  const { evidence } = app.deps;
  const settled = await settle({
    ...app.deps,
    executions,
    evidence: {
      get: async (chain, runId, seq) => evidence.get(chain, runId, seq),
      last: async (chain, runId) => evidence.last(chain, runId),
      read: async (chain, runId) => evidence.read(chain, runId),
      put: async (record) => {
        now += 1;
        atOnce = Math.max(atOnce, now);
        const stored = await evidence.put(record);
        now -= 1;
        const said = parseRecord(record.body);
        did.push(said.type);
        if (said.type === 'Breached') breaches.set(said.runId, said.deadline);
        return stored;
      },
    },
  });
  return { settled, did, breaches, atOnce };
}

describe('a thousand deadlines that are broken at once', () => {
  it('are recorded with their exact times, many at once, before anything is taken over or paid; and once', async () => {
    const deadlines = await allOwing();
    await app.clock.advance(6 * MINUTE);
    const first = await looked();
    expect(first.settled).toMatchObject({ breaches: MANY, overdue: MANY, adopted: 1, paying: 100 });
    expect([...first.breaches.values()].toSorted()).toEqual([...deadlines.values()].toSorted());
    const started = first.did.findIndex((each) => each.startsWith('start'));
    expect(first.did.slice(0, started)).toHaveLength(3 * MANY);
    expect(first.did.slice(started).filter((each) => !each.startsWith('start'))).toEqual([]);
    expect(first.atOnce).toBe(32);

    await app.clock.advance(MINUTE);
    const second = await looked();
    expect(second.settled).toMatchObject({ breaches: 0, overdue: MANY });
    expect(second.breaches.size).toBe(0);
  }, 60_000);
});

import { randomUUID } from 'node:crypto';
import { MemoryPolicies } from '../../adapters/memory/policies';
import { Material } from '../../core/material';
import { compilePolicies } from '../../core/policy/document';
import { parsePolicy } from '../../core/policy/parse';
import type { Executions } from '../../core/ports/executions';
import type { Obligation } from '../../core/ports/registry';
import { dueList } from '../../lambdas/steps/sweep/due-list';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { settle } from '../../lambdas/steps/settle/run';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { quietSteps } from '../support/quiet';
import { unreachedPolicy } from '../support/unreached-policy';

quietSteps();

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let app: MemoryApp;
afterEach(async () => app.stop());

async function enrolled(ids: readonly string[]): Promise<void> {
  app = await memoryApp(ids.map(unreachedPolicy));
  const material = new Material({ username: 'orders_app', password: 'never used' });
  for (const id of ids) app.vault.create(unreachedPolicy(id).secret, randomUUID(), material);
  await enrol(app.deps);
}

/** Executions that are only noted; those of the `running` ones have not ended. */
function noted(running: readonly string[] = []): Executions & { readonly started: object[] } {
  const started: object[] = [];
  return {
    started,
    start: async (_machine, _name, input) => {
      started.push(input);
      return 'started';
    },
    status: async (arn) => (running.includes(arn) ? 'running' : 'ended'),
  };
}

describe('a rotation started with a slot whose deadline no calendar has', () => {
  it('fails, gives the identity back and leaves its real slot as it was', async () => {
    await enrolled(['orders-db']);
    const before = await app.deps.registry.identity('orders-db');
    const input = { identityId: 'orders-db', slot: '9999-12-31T23:59:59Z' };
    const answer = await app.passing(app.run('Rotation', 'crafted', input));
    expect(answer).toMatchObject({ status: 'FAILED' });
    await app.clock.advance(11 * MINUTE);
    await app.passing(app.settle());
    const row = await app.deps.registry.identity('orders-db');
    expect(row?.lease).toBeUndefined();
    expect(row?.slot).toBe(before?.slot);
    expect(await app.deps.registry.openRuns()).toEqual([]);
    await app.clock.advance(40 * DAY);
    const execution = { id: 'sweep', name: 'sweep', startTime: '2026-03-01T00:00:00Z', redriveCount: 0 };
    expect(await dueList(app.deps, execution)).toMatchObject({ count: 1 });
  });
});

function fromNow(ms: number): string {
  return new Date(app.clock.now() + ms).toISOString();
}

function owedBy(identityId: string): Obligation {
  return {
    identityId,
    versionId: 'version-1',
    remoteId: 'orders_app',
    type: 'refusal',
    by: 'rotation',
    runId: 'run-1',
    openedAt: fromNow(0),
    deadline: fromNow(5 * MINUTE),
    nextAttemptAt: fromNow(MINUTE),
    attempts: 0,
    why: 'superseded by a rotation',
  };
}

describe('an identity whose policy was taken away', () => {
  it('is told of, and what the others owe is paid and recorded', async () => {
    // Work is taken in the order of its dates and names, so the one without a policy comes first.
    await enrolled(['gone-db', 'orders-db']);
    for (const id of ['gone-db', 'orders-db']) await app.deps.registry.openObligation(owedBy(id));
    await app.clock.advance(10 * MINUTE);
    const executions = noted();
    const left = compilePolicies([parsePolicy(unreachedPolicy('orders-db'), 'orders.yaml')]);
    const deps = { ...app.deps, executions, policies: new MemoryPolicies(left) };
    await expect(settle(deps)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringContaining('No policy is named "gone-db"'),
    });
    expect(executions.started).toContainEqual(
      expect.objectContaining({ kind: 'pay', identityId: 'orders-db', versionId: 'version-1' }),
    );
    expect(await app.deps.registry.runs({ identityId: 'orders-db', limit: 10 })).toMatchObject([
      { kind: 'breach', about: 'run-1' },
    ]);
  });
});

describe('a run whose execution ended', () => {
  it('is taken over in the same look, though a hundred runs before it still go on', async () => {
    await enrolled(['orders-db']);
    const openedAt = fromNow(0);
    const open = (runId: string, executionArn: string) =>
      app.deps.registry.openRun({
        runId,
        identityId: 'orders-db',
        kind: 'rotation',
        executionArn,
        openedAt,
        adoptions: 0,
      });
    for (let index = 0; index < 100; index += 1) await open(`a-${String(index).padStart(3, '0')}`, 'alive');
    await open('b-dead', 'dead');
    const executions = noted(['alive']);
    expect(await settle({ ...app.deps, executions })).toMatchObject({ adopted: 1 });
    expect(executions.started).toEqual([{ kind: 'adopt', runId: 'b-dead' }]);
  });
});

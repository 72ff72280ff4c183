import { verifyStoredRun } from '../../core/evidence/verify';
import type { Deps } from '../../lambdas/steps/deps';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { memoryApp, type Around, type MemoryApp } from '../support/memory-app';
import { violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

type Strategy = 'alternating' | 'in-place';

async function ready(
  id: string,
  strategy: Strategy,
  around?: Around,
): Promise<{ app: MemoryApp; identity: SeededIdentity }> {
  const identity = await seedIdentity(server, { id, strategy });
  const app = await memoryApp([identity.policy], around);
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return { app, identity };
}

/** A generator of small numbers that a seed repeats (Lehmer). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Lets every registry call wait for a few turns of the event loop, differently for each seed. */
function jittered(seed: number): Around {
  const turns = numbers(seed);
  return (deps) => {
    const registry = new Proxy(deps.registry, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          for (let left = turns(6); left > 0; left -= 1)
            await new Promise((resolve) => setImmediate(resolve));
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
    return { deps: { ...deps, registry }, died: new Promise(() => undefined) };
  };
}

const seeds = [1, 2, 3, 4].map((each) => each + Number(process.env['SEED'] ?? '0'));

describe('rotations of one identity at once', () => {
  it.each(seeds)('one changes something, the others are refused and recorded (seed %i)', async (seed) => {
    const { app, identity } = await ready(
      `race-${seed}`,
      seed % 2 === 0 ? 'in-place' : 'alternating',
      jittered(seed),
    );
    const names = Array.from({ length: 2 + (seed % 3) }, (_, index) => `run-${index}`);
    await app.passing(
      Promise.all(names.map((name) => app.run('Rotation', name, { identityId: identity.id }))),
    );
    const runs = await app.deps.registry.runs({ identityId: identity.id, limit: 10 });
    const winners = runs.filter(({ outcome }) => outcome === 'verified');
    expect(winners).toHaveLength(1);
    for (const { runId, outcome, cause } of runs.filter((run) => !winners.includes(run))) {
      expect({ outcome, cause }).toEqual({
        outcome: 'refused',
        cause: expect.stringContaining(`run ${winners[0]?.runId}`),
      });
      const check = await verifyStoredRun(app.deps.evidence, runId);
      if (check.state === 'broken') throw new Error(JSON.stringify(check.first));
      expect(check.run.map(({ type }) => type)).toEqual(['RunOpened', 'RunClosed']);
      expect(check.run.at(-1)).toMatchObject({ causeCode: 'LeaseHeld' });
    }
    expect(runs).toHaveLength(names.length);
    expect(await violations(app.deps, server, identity)).toEqual([]);
    await app.stop();
  });
});

describe('one slot', () => {
  it('delivered five times at once and again after the run closed has one effect', async () => {
    const { app, identity } = await ready('slot-five', 'alternating');
    const slot = (await app.deps.registry.identity(identity.id))?.slot;
    const input = { identityId: identity.id, slot, attempt: 0 };
    const deliver = () => app.run('Rotation', 'slot-run', input);
    await app.passing(Promise.all([deliver(), deliver(), deliver(), deliver(), deliver()]));
    const before = await app.deps.evidence.read('RUN', 'slot-run');
    await app.passing(Promise.all([deliver(), deliver()]));
    expect(await app.deps.evidence.read('RUN', 'slot-run')).toEqual(before);
    expect(await app.deps.registry.runs({ limit: 10 })).toMatchObject([
      { runId: 'slot-run', outcome: 'verified', level: 'L4' },
    ]);

    const again = await app.passing(app.run('Rotation', 'another-name', input));
    expect(again).toMatchObject({ error: 'SlotServed', cause: expect.stringContaining(`Slot ${slot}`) });
    expect(await app.deps.registry.summary('another-name')).toMatchObject({ outcome: 'refused' });
    expect(await violations(app.deps, server, identity)).toEqual([]);
    await app.stop();
  });
});

/** A worker that is paused at one call and goes on later; the platform gives it up when its execution is stopped. */
class Pause {
  readonly reached: Promise<void>;
  #reach: () => void = () => undefined;
  #release: () => void = () => undefined;
  #giveUp: (reason: Error) => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });
  #calls = 0;
  outcome: Promise<unknown> = Promise.resolve('never paused');

  constructor(
    private readonly port: 'registry' | 'evidence' | 'operations',
    private readonly method: string,
    private readonly call: number,
  ) {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
  }

  readonly around: Around = (deps) => {
    const died = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject;
    });
    died.catch(() => undefined);
    if (this.#calls >= this.call) return { deps, died: new Promise(() => undefined) };
    return { deps: this.#watched(deps), died };
  };

  /** The platform forgets the worker. */
  giveUp(): void {
    this.#giveUp(new Error('given up'));
  }

  /** The worker goes on; the answer is how its call ended. */
  async resume(): Promise<unknown> {
    this.#release();
    return this.outcome;
  }

  #watched(deps: Deps): Deps {
    switch (this.port) {
      case 'registry':
        return { ...deps, registry: this.#held(deps.registry) };
      case 'evidence':
        return { ...deps, evidence: this.#held(deps.evidence) };
      case 'operations':
        return {
          ...deps,
          connector: { ...deps.connector, operations: this.#held(deps.connector.operations) },
        };
      default:
        return this.port satisfies never;
    }
  }

  #held<P extends object>(port: P): P {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        if (property !== this.method) return member.bind(target) as unknown;
        return async (...args: unknown[]) => {
          this.#calls += 1;
          const act = async (): Promise<unknown> => Reflect.apply(member, target, args) as unknown;
          if (this.#calls !== this.call) return act();
          this.#reach();
          const acted = this.#released.then(act);
          this.outcome = acted.catch((error: Error) => error.name);
          return acted;
        };
      },
    });
  }
}

describe.each(['alternating', 'in-place'] as const)(
  'with the strategy %s, a worker that wakes up after its run was settled',
  (strategy) => {
    it.each([
      {
        at: 'before it claimed Promote',
        pause: () => new Pause('registry', 'claimBusy', 2),
        ends: 'FenceLost',
      },
      {
        at: 'before it changed the target',
        pause: () => new Pause('operations', 'apply', 1),
        ends: 'FenceLost',
      },
      // RunOpened, Mint intended, Mint made: the store itself answers that the place is taken.
      { at: 'before it wrote what Mint did', pause: () => new Pause('evidence', 'put', 3), ends: 'exists' },
    ])('$at changes nothing any more', async ({ at, pause, ends }) => {
      const paused = pause();
      const { app, identity } = await ready(
        `zombie-${at.replaceAll(' ', '-').slice(-14)}-${strategy}`.toLowerCase(),
        strategy,
        paused.around,
      );
      const run = app.run('Rotation', 'the-run', { identityId: identity.id });
      await paused.reached;
      const stopping = app.states.handle('StopExecution', {
        executionArn: 'arn:aws:states:us-east-1:111111111111:execution:Rotation:the-run',
      });
      paused.giveUp();
      await Promise.all([run, stopping]);
      for (let look = 0; look < 3; look += 1) {
        await app.clock.advance(60_000);
        await app.passing(app.settle());
      }
      expect(await app.deps.registry.openRuns()).toEqual([]);
      const told = JSON.stringify([
        await app.deps.evidence.read('RUN', 'the-run'),
        await app.deps.evidence.read('PROOF', 'the-run'),
      ]);
      expect(await paused.resume()).toBe(ends);
      await new Promise((resolve) => setImmediate(resolve));
      expect(
        JSON.stringify([
          await app.deps.evidence.read('RUN', 'the-run'),
          await app.deps.evidence.read('PROOF', 'the-run'),
        ]),
      ).toBe(told);
      expect(await violations(app.deps, server, identity)).toEqual([]);
      await app.stop();
    });
  },
);
